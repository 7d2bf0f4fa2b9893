// Rows 38 to 92 of the table of bad input, against the program: well-formed messages that ask for
// nonsense. Each request gets one reply, and the kernel still answers afterwards.
import { expect, test } from '@jest/globals'
import { Subscriber } from 'zeromq'
import { Client, typesOf } from './helpers/client.ts'
import { abuse } from './helpers/abuse.ts'
import { spawnKernel } from './helpers/kernel.ts'
import { endpoint } from '../src/protocol/connection.ts'

const all = abuse()
const ERROR = { status: 'error' }
const OK = { status: 'ok' }
const REFUSED = { ...ERROR, ename: 'ContentError' }
const UNKNOWN = { ...ERROR, ename: 'UnsupportedRequestError' }
const FLOOR = { ...OK, matches: ['floor'], cursor_start: 5, cursor_end: 7 }

async function count(): Promise<unknown> {
  return (await all.client.execute('', { silent: true })).reply.content['execution_count']
}

type Row = [number, string, Record<string, unknown>, Record<string, unknown>]

test.each<Row>([
  [38, 'execute_request', {}, REFUSED],
  [39, 'execute_request', { code: 7 }, REFUSED],
  [40, 'execute_request', { code: null }, REFUSED],
  [51, 'execute_request', { code: '1 \0 1' }, { ...ERROR, ename: 'SyntaxError' }],
  [52, 'execute_request', { code: '"\ud800"' }, REFUSED],
])('row %i, %s %.60j: an error reply', async (row, type, content, expected) => {
  const before = await count()
  const { reply, iopub } = await all.client.ask(type, content)
  expect(reply.content).toMatchObject(expected)
  if (row === 51) return
  expect(typesOf(iopub)).toEqual(['busy', 'idle'])
  expect(await count()).toBe(before)
  await all.expectAlive()
})

test.each<Row>([
  [41, 'execute_request', { code: '1' }, OK],
  [44, 'execute_request', { code: '1', silent: 'yes' }, OK],
  [45, 'execute_request', { code: '1', user_expressions: ['a'] }, { ...OK, user_expressions: {} }],
  [
    46,
    'execute_request',
    { code: '1', user_expressions: { a: 7, c: '2' } },
    { ...OK, user_expressions: { a: ERROR, c: OK } },
  ],
  [
    47,
    'execute_request',
    { code: '1', user_expressions: { b: '1 +', c: '2' } },
    { ...OK, user_expressions: { b: ERROR, c: OK } },
  ],
])('row %i, %s %.60j: the cell runs', async (_row, type, content, expected) => {
  const { reply, iopub } = await all.client.ask(type, content)
  expect(reply.content).toMatchObject(expected)
  expect(typesOf(iopub)).toEqual(['busy', 'execute_input', 'execute_result', 'idle'])
})

test('rows 42, 43, 48, 49: blank, silent and unstored cells keep the number', async () => {
  const before = await count()
  for (const [content, types] of [
    [{ code: '' }, ['busy', 'execute_input', 'idle']],
    [{ code: '', silent: true }, ['busy', 'idle']],
    [{ code: '1', store_history: false }, ['busy', 'execute_input', 'execute_result', 'idle']],
    [{ code: '1', silent: true }, ['busy', 'idle']],
  ] as const) {
    const { reply, iopub } = await all.client.ask('execute_request', content)
    expect(reply.content).toMatchObject({ status: 'ok', execution_count: before })
    expect(typesOf(iopub)).toEqual(types)
  }
})

test('row 50, a comment of 5 MB is a cell', async () => {
  const { reply } = await all.client.execute(`// ${'x'.repeat(5_000_000)}`)
  expect(reply.content['status']).toBe('ok')
})

test('row 53, input where the front end allows none is an error with a name', async () => {
  for (const code of ["await input('name? ')", "prompt('name? ')"]) {
    const { reply } = await all.client.execute(code, { allow_stdin: false })
    expect(reply.content).toMatchObject({ status: 'error', ename: 'StdinNotAllowedError' })
  }
  // The same message from the runtime, if it knows, and from the kernel, if the cell has ended.
  const late = "let asked; setTimeout(() => (asked = input('late? ').catch((error) => error)), 20)"
  await all.client.execute(late, { allow_stdin: true })
  const seen = await all.client.execute(
    'while (!asked) await new Promise((resolve) => setTimeout(resolve, 5))\nthrow await asked',
  )
  const { reply } = await all.client.execute("await input('name? ')", { allow_stdin: false })
  const { ename, evalue } = reply.content
  expect(seen.reply.content).toMatchObject({ ename, evalue })
})

test('row 54, execute on control is refused: nothing may run where interrupts must pass', async () => {
  const { reply } = await all.client.ask('execute_request', { code: '1' }, 'control')
  expect(reply.content).toMatchObject(UNKNOWN)
})

test('row 55, buffers that belong to nothing are ignored', async () => {
  const buffers = [Buffer.alloc(9), Buffer.alloc(0), Buffer.alloc(1_000_000)]
  const id = await all.client.send('execute_request', { code: '1' }, { buffers })
  expect((await all.client.answer(id)).reply.content['status']).toBe('ok')
})

test('row 56, an error with stop_on_error: queued cells are aborted, other requests served', async () => {
  const cells = []
  for (const code of ['throw new Error("x")', '1', '2'])
    cells.push(await all.client.send('execute_request', { code }))
  const info = await all.client.send('kernel_info_request')
  const replies = []
  for (const id of cells) replies.push((await all.client.answer(id)).reply.content['status'])
  expect(replies).toEqual(['error', 'aborted', 'aborted'])
  expect((await all.client.answer(info)).reply.content['status']).toBe('ok')
})

test('row 57, an error without stop_on_error: the queue goes on', async () => {
  const first = { code: 'throw new Error("x")', stop_on_error: false }
  const cells = [await all.client.send('execute_request', first)]
  for (const code of ['1', '2']) cells.push(await all.client.send('execute_request', { code }))
  const replies = []
  for (const id of cells) replies.push((await all.client.answer(id)).reply.content['status'])
  expect(replies).toEqual(['error', 'ok', 'ok'])
})

test.each<Row>([
  [58, 'complete_request', { code: 'Math.fl', cursor_pos: -1 }, OK],
  [59, 'complete_request', { code: 'Math.fl', cursor_pos: 999 }, FLOOR],
  [60, 'complete_request', { code: 'Math.fl', cursor_pos: 1.5 }, OK],
  [61, 'complete_request', { code: 'Math.fl', cursor_pos: '7' }, FLOOR],
  [62, 'complete_request', { code: 'Math.fl' }, FLOOR],
  [62, 'complete_request', {}, REFUSED],
  [63, 'inspect_request', { code: 'parseInt', cursor_pos: 3, detail_level: 7 }, { found: true }],
  [64, 'inspect_request', { code: '', cursor_pos: 0 }, { ...OK, found: false, data: {} }],
  [65, 'is_complete_request', {}, { status: 'unknown' }],
  [66, 'history_request', { hist_access_type: 'all' }, { ...OK, history: [] }],
  [67, 'history_request', { hist_access_type: 'tail' }, { ...OK, history: [] }],
  [68, 'history_request', { hist_access_type: 'tail', n: -5 }, { ...OK, history: [] }],
  [69, 'history_request', { hist_access_type: 'tail', n: 0, extra: 1 }, { ...OK, history: [] }],
  [70, 'history_request', { hist_access_type: 'range', session: 999 }, { ...OK, history: [] }],
  [75, 'comm_info_request', { target_name: null }, { ...OK, comms: {} }],
  [76, 'comm_info_request', {}, { ...OK, comms: {} }],
  [80, 'delete_subshell_request', { subshell_id: 'none' }, UNKNOWN],
  [81, 'create_subshell_request', {}, UNKNOWN],
  [82, 'debug_request', {}, UNKNOWN],
  [83, 'debug_request', { type: 'request', seq: 1, command: 'no_such' }, UNKNOWN],
  [84, 'debug_request', { type: 'request', seq: 1, command: 'stackTrace' }, UNKNOWN],
  [85, 'debug_request', { type: 'request', seq: 1, command: 'dumpCell' }, UNKNOWN],
  [86, 'debug_request', { type: 'request', seq: 0, command: 'debugInfo' }, UNKNOWN],
  [87, 'interrupt_request', {}, OK],
])('row %i, %s %.60j: one reply between busy and idle', async (_row, type, content, expected) => {
  for (const channel of ['shell', 'control'] as const) {
    const { reply, iopub } = await all.client.ask(type, content, channel)
    expect(reply.header.msg_type).toBe(type.replace('_request', '_reply'))
    expect(reply.content).toMatchObject(expected)
    expect(typesOf(iopub)).toEqual(['busy', 'idle'])
  }
  await all.expectAlive()
})

test.each<[number, string, Record<string, unknown>, string[]]>([
  [71, 'comm_open', { comm_id: 'c', target_name: 'nobody', data: {} }, ['comm_close']],
  [72, 'comm_open', { target_name: 'x' }, []],
  [73, 'comm_msg', { comm_id: 'none', data: {} }, []],
  [73, 'comm_msg', {}, []],
  [74, 'comm_close', { comm_id: 'none' }, []],
])('row %i, %s %j: %j between busy and idle', async (_row, type, content, expected) => {
  const id = await all.client.send(type, content)
  expect(typesOf(await all.client.transcript(id))).toEqual(['busy', ...expected, 'idle'])
  expect((await all.client.ask('comm_info_request')).reply.content['comms']).toEqual({})
  await all.expectAlive()
})

test.each<[number, unknown]>([
  [77, 'none'],
  [78, 5],
  [79, null],
])('row %i, a subshell_id %j is echoed and otherwise ignored', async (_row, subshell) => {
  const { msg_id } = all.client.header('')
  const head = all.header({ msg_id, subshell_id: subshell }, 'execute_request')
  await all.client.sendFrames('shell', all.client.frames([head, '{}', '{}', '{"code":"1"}']))
  const { reply } = await all.client.answer(msg_id)
  expect(reply.content['status']).toBe('ok')
  expect(reply.parent['subshell_id']).toBe(subshell)
})

test('rows 88, 89: an input_reply that nobody waits for, and junk on stdin, get nothing', async () => {
  const before = all.client.received.length
  await all.client.send('input_reply', { value: 'x' }, { channel: 'stdin' })
  await all.client.send('execute_request', { code: '1' }, { channel: 'stdin' })
  await all.client.sendFrames('stdin', [Buffer.from('junk')])
  await all.expectAlive()
  expect(all.client.received.slice(before)).toHaveLength(6)
  const { reply } = await all.client.execute('6 * 7')
  expect(reply.content['status']).toBe('ok')
})

test('row 90, a shutdown_request without restart ends the kernel', async () => {
  const kernel = await spawnKernel()
  const client = await new Client(kernel.connection).connect()
  try {
    const { reply } = await client.ask('shutdown_request', {}, 'control')
    expect(reply.content).toEqual({ status: 'ok', restart: false })
    expect(await kernel.exited).toBe(0)
  } finally {
    client.close()
    await kernel.close()
  }
})

test('row 91, 100 kB of bytes come back from the heartbeat', async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256))
  expect((await all.client.heartbeat(bytes)).equals(bytes)).toBe(true)
})

test('row 92, of two clients with one identity the later is answered, and the kernel lives', async () => {
  const first = await new Client(all.kernel.connection, 'same').connect()
  expect((await first.execute('1')).reply.content['status']).toBe('ok')
  const second = await new Client(all.kernel.connection, 'same').connect()
  try {
    expect((await second.execute('2')).reply.content['status']).toBe('ok')
    await first.send('execute_request', { code: '3' })
    expect((await second.execute('4')).reply.content['status']).toBe('ok')
    await all.expectAlive()
  } finally {
    first.close()
    second.close()
  }
})

test('row 92, a client that vanishes before its replies hurts nobody', async () => {
  const gone = await new Client(all.kernel.connection).connect()
  for (let i = 0; i < 50; i++)
    await gone.send('execute_request', { code: `'${'x'.repeat(10_000)}'` })
  gone.close()
  await all.expectAlive()
  expect((await all.client.execute('6 * 7')).reply.content['status']).toBe('ok')
})

test('row 92, a subscriber that never reads keeps nobody waiting', async () => {
  const idle = new Subscriber({ linger: 0, receiveHighWaterMark: 1 })
  try {
    idle.connect(endpoint(all.kernel.connection, 'iopub'))
    idle.subscribe()
    const { reply, iopub } = await all.client.execute(
      "for (let i = 0; i < 2000; i++) display.html('x'.repeat(10000))",
    )
    expect(reply.content['status']).toBe('ok')
    expect(iopub).toHaveLength(2003)
  } finally {
    idle.close()
  }
})

test('row 92, a shutdown behind 1,000 queued cells: each is answered, then the kernel ends', async () => {
  const kernel = await spawnKernel()
  const client = await new Client(kernel.connection).connect()
  try {
    const ids = [await client.send('execute_request', { code: 'await new Promise(() => {})' })]
    for (let i = 1; i < 1000; i++) ids.push(await client.send('execute_request', { code: `${i}` }))
    await client.ask('shutdown_request', { restart: false }, 'control')
    expect(await kernel.exited).toBe(0)
    const replies = client.received.filter(({ header }) => header.msg_type === 'execute_reply')
    expect(replies.map(({ parent }) => parent['msg_id'])).toEqual(ids)
    expect(new Set(replies.slice(1).map(({ content }) => content['status']))).toEqual(
      new Set(['aborted']),
    )
  } finally {
    client.close()
    await kernel.close()
  }
})
