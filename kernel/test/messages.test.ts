// One transcript for each message type, over real sockets: the messages on iopub, in order, and the
// reply; then again with a handler that fails. The client validates every message.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startInProcess } from './helpers/kernel.ts'
import type { InProcess } from './helpers/kernel.ts'
import { typesOf } from './helpers/client.ts'
import { untilInterrupted } from './helpers/runtime-double.ts'

let all: InProcess

beforeAll(async () => {
  all = await startInProcess()
  const { programs } = all.runtime
  programs.set('say', ({ write, result }) => {
    write('out ')
    write('more\n')
    write('err\n', 'stderr')
    result('7')
  })
  programs.set('fail', ({ write }) => {
    write('before\n')
    throw new TypeError('bad thing')
  })
  programs.set('wait', untilInterrupted)
})

afterAll(() => all.close())

const QUIET = ['busy', 'idle']

/** Major and minor version of the TypeScript in which cells are written: our own compiler's. */
const TYPESCRIPT = /"typescript": "(\d+\.\d+)/.exec(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
)?.[1]

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['connect_request', {}, { status: 'ok' }],
  [
    'complete_request',
    { code: 'foo', cursor_pos: 3 },
    { status: 'ok', matches: ['foo_completed'], cursor_start: 0, cursor_end: 3 },
  ],
  [
    'inspect_request',
    { code: 'known', cursor_pos: 2 },
    { status: 'ok', found: true, data: { 'text/plain': 'known: a name' } },
  ],
  [
    'inspect_request',
    { code: 'other', cursor_pos: 2 },
    { status: 'ok', found: false, data: {}, metadata: {} },
  ],
  ['is_complete_request', { code: '1 + 1' }, { status: 'complete' }],
  ['is_complete_request', { code: 'if (true) {' }, { status: 'incomplete' }],
  ['is_complete_request', {}, { status: 'unknown' }],
  ['history_request', { hist_access_type: 'tail', n: 0 }, { status: 'ok', history: [] }],
  ['comm_info_request', {}, { status: 'ok', comms: {} }],
  ['interrupt_request', {}, { status: 'ok' }],
  ['usage_request', {}, { status: 'ok' }],
])('%s %j gets its reply between busy and idle', async (type, content, expected) => {
  const { reply, iopub } = await all.client.ask(type, content)
  expect(typesOf(iopub)).toEqual(QUIET)
  expect(reply.header.msg_type).toBe(type.replace('_request', '_reply'))
  expect(reply.content).toMatchObject(expected)
})

test.each(['shell', 'control'] as const)('kernel_info on %s tells the truth', async (channel) => {
  const { reply, iopub } = await all.client.ask('kernel_info_request', {}, channel)
  expect(typesOf(iopub)).toEqual(QUIET)
  expect(reply.channel).toBe(channel)
  expect(reply.content).toMatchObject({
    status: 'ok',
    protocol_version: '5.5',
    implementation: 'jupyterpost',
    language_info: {
      name: 'typescript',
      mimetype: 'application/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: 'typescript',
    },
    debugger: false,
    supported_features: [],
  })
  expect(reply.content['implementation_version']).toMatch(/^\d+\.\d+\.\d+/)
  const { language_info: language } = reply.content
  expect(language).toMatchObject({ version: TYPESCRIPT })
})

test.each<[string, Record<string, unknown>, string]>([
  ['inspect_request', { code: 'fail' }, 'RangeError'],
  ['complete_request', { code: 7 }, 'ContentError'],
  ['execute_request', {}, 'ContentError'],
  ['no_such_request', { a: 1 }, 'UnsupportedRequestError'],
  ['debug_request', { command: 'initialize' }, 'UnsupportedRequestError'],
  ['create_subshell_request', {}, 'UnsupportedRequestError'],
  ['__proto___request', {}, 'UnsupportedRequestError'],
])('%s %j fails with one error reply between busy and idle', async (type, content, ename) => {
  const { reply, iopub } = await all.client.ask(type, content)
  expect(typesOf(iopub)).toEqual(QUIET)
  expect(reply.header.msg_type).toBe(type.replace(/_request$/, '_reply'))
  expect(reply.content).toMatchObject({ status: 'error', ename })
  expect(reply.content['traceback']).toEqual([`${ename}: ${String(reply.content['evalue'])}`])
})

test('execute: busy, input, streams, result, reply with the same number, idle', async () => {
  const { reply, iopub } = await all.client.execute('say')
  expect(typesOf(iopub)).toEqual([
    'busy',
    'execute_input',
    'stream',
    'stream',
    'execute_result',
    'idle',
  ])
  const [, input, out, err, result] = iopub.map((message) => message.content)
  const count = reply.content['execution_count']
  expect(input).toEqual({ code: 'say', execution_count: count })
  expect(out).toEqual({ name: 'stdout', text: 'out more\n' })
  expect(err).toEqual({ name: 'stderr', text: 'err\n' })
  expect(result).toEqual({
    execution_count: count,
    data: { 'text/plain': '7' },
    metadata: {},
    transient: {},
  })
  expect(reply.content).toEqual({
    status: 'ok',
    execution_count: count,
    user_expressions: {},
    payload: [],
  })
  expect(Date.parse(String(reply.metadata['started']))).not.toBeNaN()
})

test('a failing cell: its text, one error, an error reply', async () => {
  const { reply, iopub } = await all.client.execute('fail')
  expect(typesOf(iopub)).toEqual(['busy', 'execute_input', 'stream', 'error', 'idle'])
  const error = { ename: 'TypeError', evalue: 'bad thing', traceback: ['TypeError: bad thing'] }
  expect(iopub[3]?.content).toEqual(error)
  expect(reply.content).toMatchObject({ status: 'error', ...error })
})

test('a cell that does not parse: nothing runs, the error shows the line', async () => {
  const { reply, iopub } = await all.client.execute('const a = 1\nlet x = = 1')
  expect(typesOf(iopub)).toEqual(['busy', 'execute_input', 'error', 'idle'])
  expect(reply.content).toMatchObject({ status: 'error', ename: 'SyntaxError' })
  const traceback = String(reply.content['traceback'])
  expect(traceback).toContain('line 2')
  expect(traceback).toContain('let x = = 1')
})

test('silent: nothing on iopub, no number, the reply tells', async () => {
  const { reply: before } = await all.client.execute('', { silent: true })
  const { reply, iopub } = await all.client.execute('say', { silent: true })
  expect(typesOf(iopub)).toEqual(QUIET)
  expect(reply.content['execution_count']).toBe(before.content['execution_count'])
  const failed = await all.client.execute('fail', { silent: true })
  expect(typesOf(failed.iopub)).toEqual(QUIET)
  expect(failed.reply.content).toMatchObject({ status: 'error', ename: 'TypeError' })
})

async function countOf(content: Record<string, unknown>): Promise<unknown> {
  return (await all.client.ask('execute_request', content)).reply.content['execution_count']
}

test('numbers: one more per kept cell, unchanged for blank, unstored and malformed ones', async () => {
  const first = Number(await countOf({ code: '1' }))
  expect(await countOf({ code: '2', store_history: false })).toBe(first)
  expect(await countOf({ code: '  \n' })).toBe(first)
  expect(await countOf({ code: null })).toBeUndefined()
  expect(await countOf({ code: '3', silent: 'yes', store_history: 0 })).toBe(first + 1)
})

test('user_expressions: each its own fate', async () => {
  const { reply } = await all.client.execute('1', {
    user_expressions: { a: 'x', b: 'nope', c: 7, d: 'let' },
  })
  expect(reply.content).toMatchObject({
    status: 'ok',
    user_expressions: {
      a: { status: 'ok', data: { 'text/plain': 'value of x' }, metadata: {} },
      b: { status: 'error', ename: 'ReferenceError' },
      c: { status: 'error', ename: 'TypeError' },
      d: { status: 'error', ename: 'SyntaxError' },
    },
  })
  const list = await all.client.execute('1', { user_expressions: ['x'] })
  expect(list.reply.content).toMatchObject({ status: 'ok', user_expressions: {} })
})

test('an interrupted cell is an error named KeyboardInterrupt', async () => {
  const cell = await all.client.send('execute_request', { code: 'wait' })
  await all.client.until(
    (m) => m.header.msg_type === 'execute_input' && m.parent['msg_id'] === cell,
  )
  const interrupt = await all.client.ask('interrupt_request', {}, 'control')
  expect(interrupt.reply.content).toEqual({ status: 'ok' })
  const { reply, iopub } = await all.client.answer(cell)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
  expect(typesOf(iopub)).toEqual(['busy', 'execute_input', 'error', 'idle'])
})

test('comm messages have busy and idle and no reply, and reach the runtime in order', async () => {
  const { client, runtime } = all
  const ids = []
  for (const type of ['comm_open', 'comm_msg', 'comm_close']) {
    ids.push(await client.send(type, { comm_id: 'c1', target_name: 't', data: { type } }))
  }
  for (const id of ids) expect(typesOf(await client.transcript(id))).toEqual(QUIET)
  expect(runtime.comms.map(({ msgType }) => msgType)).toEqual([
    'comm_open',
    'comm_msg',
    'comm_close',
  ])
  const bad = await client.send('comm_open', {})
  expect(typesOf(await client.transcript(bad))).toEqual(QUIET)
})

test('comms of cells are listed while they are open', async () => {
  const { client, runtime } = all
  runtime.programs.set('openComm', ({ cellId, listener }) => {
    for (const [id, target] of [
      ['c2', 'slider'],
      ['c3', 'other'],
    ]) {
      const content = { comm_id: id, target_name: target, data: {} }
      listener.output({
        type: 'comm',
        cellId,
        msgType: 'comm_open',
        content,
        metadata: { version: '2.1.0' },
        buffers: [Buffer.from('b')],
      })
    }
  })
  const { iopub } = await client.execute('openComm')
  expect(typesOf(iopub)).toEqual(['busy', 'execute_input', 'comm_open', 'comm_open', 'idle'])
  expect(iopub[2]).toMatchObject({ metadata: { version: '2.1.0' }, buffers: [Buffer.from('b')] })
  const list = async (target?: string): Promise<unknown> =>
    (await client.ask('comm_info_request', { target_name: target })).reply.content['comms']
  expect(await list('slider')).toEqual({ c2: { target_name: 'slider' } })
  expect(await list()).toEqual({ c2: { target_name: 'slider' }, c3: { target_name: 'other' } })
  await client.transcript(await client.send('comm_close', { comm_id: 'c2', data: {} }))
  expect(await list('slider')).toEqual({})
})

test('every kind of output becomes its message', async () => {
  const { client, runtime } = all
  runtime.programs.set('showAll', ({ cellId, listener }) => {
    const content = { data: { 'text/plain': 'x' }, metadata: {}, transient: { display_id: 'd' } }
    listener.output({ type: 'display_data', cellId, content })
    listener.output({ type: 'update_display_data', cellId, content })
    listener.output({ type: 'clear_output', cellId, wait: true })
  })
  const { iopub } = await client.execute('showAll')
  expect(typesOf(iopub)).toEqual([
    'busy',
    'execute_input',
    'display_data',
    'update_display_data',
    'clear_output',
    'idle',
  ])
  expect(iopub[3]?.content).toEqual({
    data: { 'text/plain': 'x' },
    metadata: {},
    transient: { display_id: 'd' },
  })
  expect(iopub[4]?.content).toEqual({ wait: true })
})

test('an unknown type that asks for nothing gets busy and idle only', async () => {
  const { client } = all
  for (const type of ['constructor', 'execute_reply', 'news']) {
    const id = await client.send(type)
    expect(typesOf(await client.transcript(id))).toEqual(QUIET)
    expect(client.received.some((m) => m.channel === 'shell' && m.parent['msg_id'] === id)).toBe(
      false,
    )
  }
})

test('execute on control is refused: control must stay free', async () => {
  const { reply, iopub } = await all.client.ask('execute_request', { code: '1' }, 'control')
  expect(reply.content).toMatchObject({ status: 'error', ename: 'UnsupportedRequestError' })
  expect(typesOf(iopub)).toEqual(QUIET)
})

test('heartbeat echoes bytes', async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 256))
  expect((await all.client.heartbeat(bytes)).equals(bytes)).toBe(true)
})
