// Cells with magics through the whole kernel: sockets, compiler, runtime, magics, and a stand-in
// relay.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { stripVTControlCharacters } from 'node:util'
import { startStandIn } from '../../post/test/helpers/relay.ts'
import type { StandIn } from '../../post/test/helpers/relay.ts'
import { Client, typesOf } from './helpers/client.ts'
import type { Answer } from './helpers/client.ts'
import { spawnKernel } from './helpers/kernel.ts'
import type { Spawned } from './helpers/kernel.ts'

let relay: StandIn
let kernel: Spawned
let client: Client

beforeAll(async () => {
  relay = await startStandIn()
  const env = {
    JUPYTERPOST_URL: relay.url,
    JUPYTERPOST_TOKEN: 'token-of-the-test',
    JPY_SESSION_NAME: 'folder/train.ipynb',
  }
  kernel = await spawnKernel({ env })
  client = await new Client(kernel.connection).connect()
})

afterAll(async () => {
  client.close()
  await kernel.close()
  await relay.close()
})

afterEach(() => {
  relay.taken.length = 0
})

function expectOk({ reply }: Answer): void {
  expect(reply.content).toMatchObject({ status: 'ok' })
}

test('the example of the original README: two lines, no semicolon', async () => {
  await client.execute('function run_long_computation() { return 42 }')
  const answer = await client.execute('run_long_computation()\n%post @myself Computation done!')
  expectOk(answer)
  expect(typesOf(answer.iopub)).toEqual(['busy', 'execute_input', 'display_data', 'idle'])
  expect(relay.taken).toHaveLength(1)
  const { manifest, authorization } = relay.taken[0] ?? {}
  expect(authorization).toContain('token-of-the-test')
  expect(manifest).toMatchObject({
    targets: ['@me'],
    blocks: [{ type: 'message', text: 'Computation done!' }],
    source: { notebook: 'train.ipynb' },
  })
})

test('%post without a message posts what the cell showed so far', async () => {
  expectOk(await client.execute('console.log("seen")\n%post lab\nconsole.log("not seen")'))
  const text = JSON.stringify(relay.taken[0]?.manifest.blocks)
  expect(text).toContain('seen')
  expect(text).not.toContain('not seen')
})

test('%post as the first statement posts what the cell before showed', async () => {
  expectOk(await client.execute('console.log("before")'))
  expectOk(await client.execute('%post lab'))
  expect(JSON.stringify(relay.taken[0]?.manifest.blocks)).toContain('before')
})

test('${expr} is filled in where the line stands, promises awaited', async () => {
  expectOk(
    await client.execute(
      'let n = 1\nn += 1\n%post lab n is ${n}, then ${Promise.resolve("x")} for $5\nn = 9',
    ),
  )
  expect(relay.taken[0]?.manifest.blocks).toEqual([
    { type: 'message', text: 'n is 2, then x for $5' },
  ])
})

test('%%post runs the cell as without it and posts what it showed; its title knows the values', async () => {
  const plain = await client.execute('console.log("out"); let total = 3\ntotal * 2')
  const posted = await client.execute(
    '%%post lab total ${total}\nconsole.log("out"); let total = 3\ntotal * 2',
  )
  expectOk(posted)
  expect(typesOf(posted.iopub)).toEqual([
    ...typesOf(plain.iopub).slice(0, -1),
    'display_data',
    'idle',
  ])
  const blocks = JSON.stringify(relay.taken[0]?.manifest.blocks)
  expect(blocks).toContain('total 3')
  expect(blocks).toContain('out')
  expect(blocks).toContain('6')
})

test('%%post -i posts the source, %%post -r only the body and runs nothing', async () => {
  expectOk(await client.execute('%%post lab -i\n1 + 1'))
  expect(JSON.stringify(relay.taken[0]?.manifest.blocks)).toContain('1 + 1')
  expectOk(await client.execute('%%post lab -r\n## Title\n- $x$ `y`'))
  expect(relay.taken[1]?.manifest.blocks).toEqual([
    { type: 'message', text: '## Title\n- $x$ `y`' },
  ])
})

test('an error in a %%post cell is posted, and stays the reply with its line', async () => {
  const { reply, iopub } = await client.execute('%%post lab\n1\nthrow new RangeError("too far")')
  expect(reply.content).toMatchObject({ status: 'error', ename: 'RangeError' })
  const shown = stripVTControlCharacters(String(reply.content['traceback']))
  expect(shown).toContain('      1 | %%post lab\n      2 | 1\n    > 3 | throw new RangeError')
  expect(typesOf(iopub).filter((type) => type === 'error')).toHaveLength(1)
  expect(relay.taken[0]?.manifest).toMatchObject({ source: { status: 'failed' } })
})

test('a %%post cell that does not parse is shown as typed', async () => {
  const { reply } = await client.execute('// first\n%%post lab\nlet = 1')
  const shown = stripVTControlCharacters(String(reply.content['traceback']))
  expect(shown).toContain('      1 | // first\n      2 | %%post lab\n    > 3 | let = 1')
})

test('a magic in a callback is posted before the reply', async () => {
  expectOk(await client.execute('[1, 2].forEach((i) => {\n  %post lab item ${i}\n})'))
  expect(relay.taken.map(({ manifest }) => manifest.blocks)).toEqual([
    [{ type: 'message', text: 'item 1' }],
    [{ type: 'message', text: 'item 2' }],
  ])
})

test('post() of a cell arrives before its reply, awaited or not', async () => {
  expectOk(await client.execute('post("from code", "lab");\n1'))
  expect(relay.taken[0]?.manifest).toMatchObject({
    targets: ['lab'],
    blocks: [{ type: 'message', text: 'from code' }],
    source: { notebook: 'train.ipynb' },
  })
})

test.each([
  ['%post', 'UsageError'],
  ['%post --nope lab x', 'UsageError'],
  ['%%nope\n1', 'UsageError'],
  ['%%post lab --nope\nglobalThis.ran = true', 'UsageError'],
  ['%post lab ${}} ${1 +}', 'UsageError'],
])('%j is a usage error, nothing is posted', async (code, ename) => {
  const { reply } = await client.execute(code)
  expect(reply.content).toMatchObject({ status: 'error', ename })
  expect(relay.taken).toEqual([])
})

test.each(['%lsmagic', '%post?', '%%post?'])('%s shows what there is', async (code) => {
  const answer = await client.execute(code)
  expectOk(answer)
  expect(JSON.stringify(answer.iopub.map(({ content }) => content))).toContain('post')
})

test('names, targets and flags of magics are completed; help is shown on inspection', async () => {
  const complete = async (code: string): Promise<unknown> =>
    (await client.ask('complete_request', { code, cursor_pos: code.length })).reply.content
  expect(await complete('%po')).toMatchObject({ matches: ['post'], cursor_start: 1, cursor_end: 3 })
  expect(await complete('1\n%post @m')).toMatchObject({
    matches: ['@me'],
    cursor_start: 8,
    cursor_end: 10,
  })
  expect(await complete('%post --qu')).toMatchObject({ matches: ['--quiet'] })
  expect(await complete('const w = [1].ma')).toMatchObject({ matches: ['map'], cursor_start: 14 })
  const { reply } = await client.ask('inspect_request', { code: '%post @me hi', cursor_pos: 3 })
  expect(reply.content).toMatchObject({ found: true })
})
