// The process behind the types: it may be killed at any time, there is never more than one, and it
// ends with its kernel.
import { afterEach, expect, test } from '@jest/globals'
import { until } from '../../../test/helpers/until.ts'
import { closeAll, gone, start, startIn } from '../helpers/started.ts'
import { TYPES, complete, untilTyped } from '../helpers/typing.ts'
import { languageServers } from '../helpers/typescript.ts'

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

test('killed during completions: each is answered, by the runtime and then with types', async () => {
  const kernel = await start({ env: TYPES })
  const { client } = kernel
  await client.execute('const known = { inTypes: 1 }')
  await untilTyped(client)
  let most = 0
  for (let round = 0; round < 10; round++) {
    const storm = Array.from({ length: 5 }, () => complete(client, 'known.¦'))
    const servers = languageServers(pidOf(kernel))
    most = Math.max(most, servers.length)
    for (const pid of servers) process.kill(pid, 'SIGKILL')
    for (const { texts } of await Promise.all(storm)) expect(texts).toContain('inTypes')
    most = Math.max(most, languageServers(pidOf(kernel)).length)
  }
  expect(most).toBe(1)
  await untilTyped(client)
  const cell = 'const typed = [known]; typed[0].¦'
  expect((await complete(client, cell)).texts).toEqual(['inTypes'])
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
