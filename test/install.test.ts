// `node install.ts` in a separate home folder.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { z } from 'zod'
import { root } from './helpers/clone.ts'
import { finish } from './helpers/program.ts'

let home: string
let env: NodeJS.ProcessEnv

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'jupyterpost-install-'))
  // No Python: the kernelspec needs none.
  env = { HOME: home, PATH: '/nowhere' }
})

afterEach(() => rmSync(home, { recursive: true, force: true }))

const install = (...words: string[]) =>
  finish(process.execPath, [join(root, 'install.ts'), ...words], { env, cwd: home })
const kernels = (...below: string[]) => join(home, '.local/share/jupyter/kernels', ...below)
const KernelJson = z.object({
  argv: z.array(z.string()),
  display_name: z.string(),
  language: z.string(),
  interrupt_mode: z.string(),
})
const read = (folder: string) =>
  KernelJson.parse(JSON.parse(readFileSync(join(folder, 'kernel.json'), 'utf8')))

test('the kernelspec names this Node and the kernel by absolute paths that exist', async () => {
  const { code, stdout } = await install()
  expect(code).toBe(0)
  expect(stdout).toBe(`Installed the kernel in ${kernels('jupyterpost')}\n`)
  const spec = read(kernels('jupyterpost'))
  expect(spec).toMatchObject({
    argv: [
      process.execPath,
      '--max-semi-space-size=4',
      expect.stringMatching(/^\/.*main\.js$/),
      '{connection_file}',
    ],
    display_name: 'TypeScript (jupyterpost)',
    language: 'typescript',
    interrupt_mode: 'message',
  })
  for (const path of spec.argv.filter((word) => word.startsWith('/')))
    expect(existsSync(path)).toBe(true)
  expect(readdirSync(kernels('jupyterpost')).toSorted()).toEqual([
    'kernel.json',
    'logo-32x32.png',
    'logo-64x64.png',
    'logo-svg.svg',
  ])
})

test('installing again replaces the kernelspec and leaves nothing else behind', async () => {
  await install()
  writeFileSync(kernels('jupyterpost', 'left-over'), '')
  expect((await install('--display-name', 'Mine')).code).toBe(0)
  expect(read(kernels('jupyterpost')).display_name).toBe('Mine')
  expect(readdirSync(kernels())).toEqual(['jupyterpost'])
  expect(existsSync(kernels('jupyterpost', 'left-over'))).toBe(false)
})

test('--name, --prefix and --sys-prefix choose the place', async () => {
  const { stdout } = await install('--prefix', join(home, 'opt'), '--name', 'ts-lab')
  expect(stdout).toContain(`JUPYTER_PATH=${join(home, 'opt/share/jupyter')}`)
  expect(existsSync(join(home, 'opt/share/jupyter/kernels/ts-lab/kernel.json'))).toBe(true)
  env = { ...env, VIRTUAL_ENV: join(home, 'venv') }
  await install('--sys-prefix')
  expect(existsSync(join(home, 'venv/share/jupyter/kernels/jupyterpost/kernel.json'))).toBe(true)
  expect(existsSync(kernels())).toBe(false)
})

test('--remove takes the kernelspec away, and says so when there is none', async () => {
  await install()
  expect((await install('--remove')).stdout).toContain(`Removed ${kernels('jupyterpost')}`)
  expect(existsSync(kernels('jupyterpost'))).toBe(false)
  expect(await install('--remove')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Nothing to remove'),
  })
})

test("another program's kernelspec is neither replaced nor removed", async () => {
  const foreign = '{"argv": ["tslab"], "display_name": "tslab"}'
  mkdirSync(kernels('tslab'), { recursive: true })
  writeFileSync(kernels('tslab', 'kernel.json'), foreign)
  for (const words of [
    ['--name', 'tslab'],
    ['--name', 'tslab', '--remove'],
  ])
    expect(await install(...words)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another kernel'),
    })
  expect(readFileSync(kernels('tslab', 'kernel.json'), 'utf8')).toBe(foreign)
  expect(readdirSync(kernels())).toEqual(['tslab'])
})

test.each([
  [['--frob'], 2, '--frob'],
  [['extra'], 2, 'extra'],
  [['--user', '--prefix', '/x'], 2, 'exclude each other'],
  [['--prefix'], 2, '--prefix needs a value'],
  [['--name', '../up'], 1, 'not a kernel name'],
  [['--sys-prefix'], 1, 'Python environment'],
])('%j is answered with %i and what is wrong', async (words, code, said) => {
  const answer = await install(...words)
  expect(answer.code).toBe(code)
  expect(answer.stderr).toContain(said)
  expect(answer.stderr).not.toMatch(/^\s+at /m)
})

const doctor = () => install('doctor')

test('the doctor names what is missing and what to do', async () => {
  const { code, stdout } = await doctor()
  expect(code).toBe(1)
  expect(stdout).toMatch(/^ok +Node: 2\d\./m)
  expect(stdout).toMatch(/^ok +zeromq: loads/m)
  expect(stdout).toMatch(/^problem +Jupyter: .*pip install jupyterlab/m)
  expect(stdout).toMatch(/^problem +kernelspec: .*run `jupyterpost install`/m)
  expect(stdout).toMatch(/^note +relay: none runs here/m)
})

test('the doctor finds a kernelspec whose files are gone', async () => {
  await install()
  const path = kernels('jupyterpost', 'kernel.json')
  writeFileSync(path, readFileSync(path, 'utf8').replace(process.execPath, '/gone/node'))
  expect((await doctor()).stdout).toMatch(/^problem +kernelspec: .*\/gone\/node, which is gone/m)
})

test('the doctor finds a Hub without JUPYTERPOST_URL, and never prints the token', async () => {
  env = { ...env, JUPYTERHUB_API_TOKEN: 'hush-hush' }
  const { stdout } = await doctor()
  expect(stdout).toMatch(/^problem +relay: this is a Hub .*JUPYTERPOST_URL/m)
  expect(stdout).not.toContain('hush-hush')
})

test.each([
  ['hush-hush\n', /^ok +token: JUPYTERPOST_TOKEN is accepted/m],
  ['hush-hush\nX: y', /^problem +token: JUPYTERPOST_TOKEN: The token contains a character/m],
  ['hush-hush\u2028x', /^problem +token: JUPYTERPOST_TOKEN: The token contains a character/m],
])('the doctor reads the token %j as posts do', async (token, said) => {
  const asked: (string | undefined)[] = []
  const server = createHttpServer((request, response) => {
    asked.push(request.headers.authorization)
    response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = z.object({ port: z.number() }).parse(server.address())
    const url = `http://127.0.0.1:${port}/`
    env = { ...env, JUPYTERPOST_URL: `${url}\n`, JUPYTERPOST_TOKEN: token }
    const { stdout } = await doctor()
    expect(stdout).toContain(`relay: ${url} answers`)
    expect(stdout).toMatch(said)
    expect(stdout).not.toContain('hush-hush')
    const tokens = new Set(asked.filter(Boolean))
    expect([...tokens]).toEqual(token.endsWith('\n') ? ['token hush-hush'] : [])
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('the doctor finds a relay that does not answer and another jupyterpost on PATH', async () => {
  const url = await closedAddress()
  mkdirSync(join(home, 'bin'))
  writeFileSync(join(home, 'bin/jupyterpost'), '#!/usr/bin/python3\n', { mode: 0o755 })
  env = {
    ...env,
    PATH: join(home, 'bin'),
    JUPYTERPOST_URL: url,
    JUPYTERPOST_TOKEN: 'hush-hush',
  }
  const { stdout } = await doctor()
  expect(stdout).toMatch(
    /^problem +relay: the relay at http:\S+ refuses connections: .* JUPYTERPOST_URL is wrong/m,
  )
  expect(stdout).toMatch(/^problem +PATH: .*a Python program's `jupyterpost`/m)
  expect(stdout).not.toContain('hush-hush')
})

/** An address at which nobody listens any more. */
async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}/`
}
