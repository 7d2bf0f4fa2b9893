// The process behind the types: it may be killed at any time, there is never more than one, and it
// ends with its kernel.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { until } from '../../../test/helpers/until.ts'
import { closeAll, gone, start, startIn } from '../helpers/started.ts'
import { TYPES, complete, untilTyped } from '../helpers/typing.ts'
import { languageServers } from '../helpers/typescript.ts'

/** Language servers killed in a storm of completions. */
const KILLS = process.env['JUPYTERPOST_STRESS'] === 'full' ? 50 : 10

afterEach(closeAll)

const pidOf = ({ child }: { child: { pid?: number | undefined } }): number => child.pid ?? 0

test('it starts by itself once the kernel is idle, and ends with the kernel', async () => {
  const kernel = await start({ env: TYPES })
  const [pid] = await until(() => {
    const found = languageServers(pidOf(kernel))
    return found.length > 0 && found
  }, 'the language server starts')
  await kernel.client.ask('shutdown_request', { restart: false }, 'control')
  await gone(pid ?? 0)
})

test('it ends when its kernel is killed', async () => {
  const kernel = await start({ env: TYPES })
  await untilTyped(kernel.client)
  const [pid] = languageServers(pidOf(kernel))
  expect(pid).toBeDefined()
  kernel.child.kill('SIGKILL')
  await gone(pid ?? 0)
})

test('JUPYTERPOST_TYPES=off starts none, and values are completed as before', async () => {
  const kernel = await start({ env: { JUPYTERPOST_TYPES: 'off' } })
  await kernel.client.execute('const value = { inValue: 1 }')
  expect((await complete(kernel.client, 'value.¦')).texts).toContain('inValue')
  expect((await complete(kernel.client, 'const a: { b: 1 } = null!; a.¦')).texts).toEqual([])
  expect(languageServers(pidOf(kernel))).toEqual([])
})

test(
  'killed during completions: each is answered, by the runtime and then with types',
  async () => {
    const kernel = await start({ env: TYPES })
    const { client } = kernel
    await client.execute('const known = { inTypes: 1 }')
    await untilTyped(client)
    let most = 0
    const count = (): number[] => {
      const servers = languageServers(pidOf(kernel))
      most = Math.max(most, servers.length)
      return servers
    }
    const counting = setInterval(count, 5)
    for (let killed = 0; killed < KILLS;) {
      const storm = Array.from({ length: 5 }, () => complete(client, 'known.¦'))
      const servers = count()
      for (const pid of servers) process.kill(pid, 'SIGKILL')
      killed += servers.length
      for (const { texts } of await Promise.all(storm)) expect(texts).toContain('inTypes')
    }
    clearInterval(counting)
    expect(most).toBe(1)
    await untilTyped(client)
    const cell = 'const typed = [known]; typed[0].¦'
    expect((await complete(client, cell)).texts).toEqual(['inTypes'])
    expect(languageServers(pidOf(kernel))).toHaveLength(1)
    expect(kernel.stderr()).not.toContain('language server')
  },
  60_000 * Math.ceil(KILLS / 10),
)

test('one that hangs is replaced, and the runtime answers meanwhile', async () => {
  const kernel = await start({ env: TYPES })
  const { client } = kernel
  await client.execute('const known = { inTypes: 1 }')
  await untilTyped(client)
  const [pid = 0] = languageServers(pidOf(kernel))
  process.kill(pid, 'SIGSTOP')
  expect((await complete(client, 'known.¦')).texts).toContain('inTypes')
  await gone(pid)
  await untilTyped(client)
  expect(languageServers(pidOf(kernel))).toHaveLength(1)
})

test('a tsconfig that cannot be read is one line, and has no effect', async () => {
  const kernel = await startIn({ 'tsconfig.json': '{ "compilerOptions": { "strict": ' })
  await untilTyped(kernel.client)
  const lines = kernel.stderr().split('\n')
  expect(lines.filter((line) => line.includes('tsconfig.json'))).toHaveLength(1)
})

test('the folder of a project: its tsconfig counts, but not what TypeScript 7 refuses', async () => {
  const compilerOptions = {
    moduleResolution: 'node10',
    esModuleInterop: false,
    module: 'commonjs',
    target: 'es5',
    paths: { '@/*': ['./src/*'] },
  }
  const kernel = await startIn({
    'src/thing.ts': 'export const thing = { inThing: 1 }',
    'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
  })
  await untilTyped(kernel.client)
  const cell = 'import { thing } from "@/thing"\nconst all = await Promise.all([thing]); all[0].¦'
  expect((await complete(kernel.client, cell)).texts).toEqual(['inThing'])
})

test('a file that cells import may be made and edited: its types are the new ones', async () => {
  const kernel = await startIn({ 'there.ts': 'export const old = 1' })
  const folder = dirname(kernel.file)
  const made = 'import * as all from "./made"\nall.¦'
  const there = 'import * as all from "./there"\nall.¦'
  const shows = (cell: string, name: string) =>
    until(async () => (await complete(kernel.client, cell)).texts.includes(name), name)
  await shows(there, 'old')
  expect((await complete(kernel.client, made)).texts).toEqual([])
  writeFileSync(join(folder, 'made.ts'), 'export const first = 1')
  await shows(made, 'first')
  writeFileSync(join(folder, 'there.ts'), 'export const edited = 1')
  await shows(there, 'edited')
})

test('a package that was installed is known, and one that was removed is not', async () => {
  const kernel = await startIn({ 'package.json': '{}' })
  const folder = join(dirname(kernel.file), 'node_modules/new-here')
  const cell = 'import * as all from "new-here"\nall.¦'
  await untilTyped(kernel.client)
  expect((await complete(kernel.client, cell)).texts).toEqual([])
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "new-here", "types": "index.d.ts" }')
  writeFileSync(join(folder, 'index.d.ts'), 'export const installed: 1')
  const texts = async () => (await complete(kernel.client, cell)).texts
  await until(async () => (await texts()).includes('installed'), 'the package is known')
  rmSync(folder, { recursive: true })
  await until(async () => (await texts()).length === 0, 'it is gone')
})

test('the language server finds no npm, which it would run by itself', async () => {
  const kernel = await start({ env: TYPES })
  await untilTyped(kernel.client)
  const [pid] = languageServers(kernel.child.pid ?? 0)
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  expect(environment).toContain('PATH=')
})

test('baseUrl of a configuration that is extended, and declarations that it includes', async () => {
  const base = {
    compilerOptions: {
      baseUrl: './src',
      paths: { '#/*': ['inner/*'] },
      module: 'amd',
      outFile: 'x',
    },
  }
  const kernel = await startIn({
    'configs/src/plain.ts': 'export const plain = { inPlain: 1 }',
    'configs/src/inner/deep.ts': 'export const deep = { inDeep: 1 }',
    'configs/base.json': `// extended\n${JSON.stringify(base)}`,
    'types/globals.d.ts': 'declare const ambient: { inAmbient: 1 }',
    'types/not.ts': 'declare global { var pulled: { inPulled: 1 } } export {}',
    'tsconfig.json': '{ "extends": "./configs/base", "include": ["types"], }',
  })
  await untilTyped(kernel.client)
  const texts = async (cell: string) => (await complete(kernel.client, cell)).texts
  expect(await texts('import { plain } from "plain"\nplain.¦')).toEqual(['inPlain'])
  expect(await texts('import { deep } from "#/deep"\ndeep.¦')).toEqual(['inDeep'])
  expect(await texts('ambient.¦')).toEqual(['inAmbient'])
  expect(await texts('pulled.¦')).toEqual([])
  expect(kernel.stderr()).not.toContain('tsconfig')
})
