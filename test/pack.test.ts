// What `npm install --global jupyterpost` gives a person: the packed tarball below a prefix, its
// program, and a kernel that answers.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { inVenv } from '../start/venv.ts'
import { root } from './helpers/clone.ts'
import { finish } from './helpers/program.ts'
import { pythonVenv } from './setup/python.ts'

const LIMIT = 240_000
const Packed = z.array(
  z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
)

/**
 * Starts the kernel `jupyterpost` with Jupyter's own client; prints its kernel_info and a cell's
 * result.
 */
const ASK = `
import json
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name='jupyterpost', startup_timeout=60)
try:
    info = client.kernel_info(reply=True, timeout=30)
    reply = client.execute_interactive('const n: number = 6 * 7; console.log(n)', timeout=30)
    print(json.dumps([info['content']['implementation'], reply['content']['status']]))
finally:
    client.stop_channels()
    manager.shutdown_kernel()
`

let folder: string
let files: string[]
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jupyterpost-pack-'))
  env = {
    ...process.env,
    HOME: folder,
    npm_config_cache:
      process.env['npm_config_cache'] ?? join(process.env['HOME'] ?? folder, '.npm'),
    npm_config_prefix: folder,
    npm_config_prefer_offline: 'true',
    PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
  }
  // dist already exists; building it again would pull it from under other tests.
  const packed = await finish(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    { cwd: root },
  )
  const [tarball] = Packed.parse(JSON.parse(packed.stdout))
  if (tarball === undefined) throw new Error(packed.stderr)
  files = tarball.files.map(({ path }) => path)
  // The tarball replaces what the registry would give.
  const command = 'npm install --global jupyterpost'.replace('jupyterpost', `./${tarball.filename}`)
  const installed = await finish('sh', ['-c', command], { cwd: folder, env })
  if (installed.code !== 0) throw new Error(installed.stderr)
}, LIMIT)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const program = () => join(folder, 'bin/jupyterpost')

test('the tarball holds what it needs and nothing else', () => {
  for (const needed of [
    'LICENSE',
    'README.md',
    'bin/jupyterpost',
    'dist/cli/main.js',
    'dist/install.js',
    'dist/kernel/src/main.js',
    'dist/post/api/index.d.ts',
    'dist/service/main.js',
    'kernel/kernelspec/kernel.json',
    'kernel/kernelspec/logo-svg.svg',
    'python/pyproject.toml',
  ])
    expect(files).toContain(needed)
  const allowed =
    /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|bin\/|deploy\/|dist\/|kernel\/kernelspec\/|python\/)/
  expect(files.filter((path) => !allowed.test(path))).toEqual([])
  expect(
    files.filter((path) => /(^|\/)(test|fixtures|__pycache__)\/|\.ts$(?<!\.d\.ts)/.test(path)),
  ).toEqual([])
})

test('the installed program says how it is used', async () => {
  const { code, stdout } = await finish(program(), ['--help'], { env, cwd: folder })
  expect(code).toBe(0)
  for (const word of ['install', 'doctor', 'relay', 'post', 'inbox']) expect(stdout).toContain(word)
})

/** Draws an SVG with text and decodes the result, in the processes of the package in `argv`. */
const DRAW = `
const { Converter } = await import(process.argv[1] + '/dist/service/convert/converter.js')
const converter = new Converter()
const limits = { pixels: 1e6, bytes: 1e6 }
const { signal } = new AbortController()
const run = (job) => converter.run({ ...job, limits }, signal, { person: 'ada', ms: 0 })
const drawn = await run({ kind: 'svg', svg: '<svg width="40" height="20"><text y="15">x</text></svg>' })
const formula = await run({ kind: 'tex', tex: 'x^2' })
const still = await run({ kind: 'still', bytes: drawn.bytes })
for (const { kind, why } of [drawn, formula, still]) console.log(kind, why ?? '')
await converter.close()
`

test(
  'pictures are drawn by processes that can read nothing else, wherever npm puts what they need',
  async () => {
    const global = join(folder, 'lib/node_modules/jupyterpost')
    // As after `npm install jupyterpost` in a project: its dependencies are beside it.
    const hoisted = join(folder, 'project/node_modules')
    mkdirSync(hoisted, { recursive: true })
    const hoist = `cp -Rl '${global}' . && mv jupyterpost/node_modules/* .`
    expect(await finish('sh', ['-c', hoist], { cwd: hoisted })).toMatchObject({ code: 0 })
    for (const place of [global, join(hoisted, 'jupyterpost')]) {
      const args = ['--input-type=module', '-e', DRAW, place]
      expect(await finish(process.execPath, args, { env, cwd: folder })).toEqual({
        code: 0,
        stdout: 'picture \npicture \npicture \n',
        stderr: '',
      })
    }
  },
  LIMIT,
)

test(
  'the installed program installs a kernel below a prefix, and that kernel runs TypeScript',
  async () => {
    const venv = await pythonVenv('jupyter')
    const prefix = join(folder, 'prefix')
    const { code, stdout } = await finish(program(), ['install', '--prefix', prefix], {
      env,
      cwd: folder,
    })
    expect(code).toBe(0)
    const kernelspec = join(prefix, 'share/jupyter/kernels/jupyterpost')
    expect(stdout).toContain(kernelspec)
    expect(readFileSync(join(kernelspec, 'kernel.json'), 'utf8')).toContain(folder)
    const asked = await finish(inVenv(venv, 'python'), ['-c', ASK], {
      env: { ...env, JUPYTER_PATH: join(prefix, 'share/jupyter') },
      cwd: folder,
    })
    expect({ ...asked, stdout: asked.stdout.trim().split('\n') }).toMatchObject({
      code: 0,
      stdout: ['42', '["jupyterpost", "ok"]'],
    })
  },
  LIMIT,
)

test(
  'pip installs configure_jupyterhub from the folder that the program names',
  async () => {
    const hub = await pythonVenv('hub6')
    const options = {
      env: { ...env, PATH: [inVenv(hub, ''), env['PATH']].join(delimiter) },
      cwd: folder,
    }
    const run = (command: string) => finish('sh', ['-c', command], options)
    try {
      const installed = await run('pip install "$(jupyterpost python-path)"')
      expect(installed).toMatchObject({ code: 0, stderr: '' })
      expect(
        await run('python -c "from jupyterpost import configure_jupyterhub as c; print(c)"'),
      ).toMatchObject({ code: 0, stdout: expect.stringContaining('configure_jupyterhub') })
    } finally {
      await run('pip uninstall --yes jupyterpost')
    }
  },
  LIMIT,
)
