// The table of bad input against the spawned kernel: what each row gets, and that the kernel lives and answers after it.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client, typesOf } from './helpers/client.ts'
import { spawnKernel } from './helpers/kernel.ts'
import type { Spawned } from './helpers/kernel.ts'

let kernel: Spawned
let client: Client

beforeAll(async () => {
  kernel = await spawnKernel()
  client = await new Client(kernel.connection).connect()
})

afterAll(async () => {
  client.close()
  await kernel.close()
})

/** Alive on both channels, and what was sent before was handled before: shell and control keep order. */
async function expectAlive(): Promise<void> {
  for (const channel of ['shell', 'control'] as const) {
    const { reply } = await client.ask('kernel_info_request', {}, channel)
    expect(reply.content['status']).toBe('ok')
  }
}

function signed(parts: Array<string | Buffer>): Buffer[] {
  return client.frames(parts)
}

function header(extra: Record<string, unknown> = {}, type = 'kernel_info_request'): string {
  return JSON.stringify({ ...client.header(type), ...extra })
}

const SIGNATURE = 1

const FRAMES: Array<[string, () => Buffer[]]> = [
  ['one empty frame', () => [Buffer.alloc(0)]],
  ['one junk frame', () => [Buffer.from([0xff, 0, 1])]],
  ['six frames without a delimiter', () => Array.from({ length: 6 }, () => Buffer.from('junk'))],
  ['the delimiter alone', () => [Buffer.from('<IDS|MSG>')]],
  ['delimiter and signature', () => signed([]).slice(0, 2)],
  ['three of four JSON frames', () => signed([header(), '{}', '{}'])],
  [
    'an empty signature',
    () => signed([header(), '{}', '{}', '{}']).with(SIGNATURE, Buffer.alloc(0)),
  ],
  ['a wrong signature', () => client.frames([header(), '{}', '{}', '{}'], [], 'another key')],
  [
    'a short signature',
    () => signed([header(), '{}', '{}', '{}']).with(SIGNATURE, Buffer.from('ab')),
  ],
  [
    'an upper-case signature',
    () => {
      const frames = signed([header(), '{}', '{}', '{}'])
      return frames.with(SIGNATURE, Buffer.from(String(frames[SIGNATURE]).toUpperCase()))
    },
  ],
  [
    'a signature that is not ASCII',
    () => signed([header(), '{}', '{}', '{}']).with(SIGNATURE, Buffer.from('é'.repeat(32))),
  ],
  ['a header that is not JSON', () => signed(['{no', '{}', '{}', '{}'])],
  ['an empty header', () => signed(['', '{}', '{}', '{}'])],
  ['a null header', () => signed(['null', '{}', '{}', '{}'])],
  ['a list as header', () => signed(['[]', '{}', '{}', '{}'])],
  ['an object without keys as header', () => signed(['{}', '{}', '{}', '{}'])],
  ['a header without msg_id', () => signed([header({ msg_id: undefined }), '{}', '{}', '{}'])],
  ['a header without msg_type', () => signed([header({ msg_type: undefined }), '{}', '{}', '{}'])],
  ['a parent_header that is not JSON', () => signed([header(), '{no', '{}', '{}'])],
  ['metadata that is not JSON', () => signed([header(), '{}', '{no', '{}'])],
]

test.each(FRAMES)('%s: no answer, the kernel lives', async (_name, frames) => {
  await expectAlive()
  const before = client.received.length
  for (const channel of ['shell', 'control', 'stdin'] as const)
    await client.sendFrames(channel, frames())
  await expectAlive()
  // Two kernel_infos: reply, busy, idle each, and nothing else.
  expect(client.received.slice(before)).toHaveLength(6)
})

test('a byte-identical second message is dropped', async () => {
  const { msg_id } = client.header('')
  const frames = signed([header({ msg_id }), '{}', '{}', '{}'])
  await client.sendFrames('shell', frames)
  await client.sendFrames('shell', frames)
  await expectAlive()
  const replies = client.received.filter(
    (m) => m.channel === 'shell' && m.parent['msg_id'] === msg_id,
  )
  expect(replies).toHaveLength(1)
})

const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`

test.each<[string, string, string, string, Record<string, unknown>]>([
  // What was sent: header, metadata, content; then what the reply says.
  ['no session, username, date, version', header_only(), '{}', '{}', { status: 'ok' }],
  ['version 99.0', more({ version: '99.0' }), '{}', '{}', { status: 'ok' }],
  ['a garbage date', more({ date: 'yesterday' }), '{}', '{}', { status: 'ok' }],
  ['null metadata', more(), 'null', '{}', { status: 'ok' }],
  ['a list as metadata', more(), '[]', '{}', { status: 'ok' }],
  ['content that is not JSON', more(), '{}', '{no', { status: 'error', ename: 'ContentError' }],
  ['null content', more(), '{}', 'null', { status: 'error', ename: 'ContentError' }],
  ['a list as content', more(), '{}', '[]', { status: 'error', ename: 'ContentError' }],
  [
    'NaN in content',
    more({}, 'execute_request'),
    '{}',
    '{"code":"1","x":NaN}',
    { status: 'error', ename: 'ContentError' },
  ],
  [
    'the same key twice',
    more({}, 'execute_request'),
    '{}',
    '{"code":"throw 1","code":"1"}',
    { status: 'ok' },
  ],
  ['content 10,000 levels deep', more(), '{}', deep, { status: 'ok' }],
  [
    '__proto__ in content',
    more({}, 'execute_request'),
    '{}',
    '{"code":"1","__proto__":{"silent":true}}',
    { status: 'ok' },
  ],
])('%s: one reply', async (_name, head, metadata, content, expected) => {
  const id = client.header('').msg_id
  const named = head.replace('{', `{"msg_id":"${id}",`)
  await client.sendFrames('shell', signed([named, '{}', metadata, content]))
  const { reply } = await client.answer(id)
  expect(reply.content).toMatchObject(expected)
  await expectAlive()
})

function more(extra: Record<string, unknown> = {}, type = 'kernel_info_request'): string {
  return JSON.stringify({
    msg_type: type,
    session: 's',
    username: 'u',
    version: '5.5',
    date: '',
    ...extra,
  })
}

function header_only(): string {
  return '{"msg_type":"kernel_info_request"}'
}

test('a msg_id of 1 MB is answered, also for a cell', async () => {
  for (const type of ['kernel_info_request', 'execute_request']) {
    const id = type + 'x'.repeat(1_000_000)
    await client.sendFrames(
      'shell',
      signed([header({ msg_id: id }, type), '{}', '{}', '{"code":"console.log(1)"}']),
    )
    const { reply, iopub } = await client.answer(id)
    expect(reply.content['status']).toBe('ok')
    expect(typesOf(iopub).at(-1)).toBe('idle')
    if (type === 'execute_request') expect(typesOf(iopub)).toContain('stream')
  }
})

test.each([5, null, '__proto__', 'constructor', 'toString', 'execute_reply', 'execute'])(
  'the msg_type %j gets no reply, and the kernel lives',
  async (type) => {
    const before = client.received.filter(({ channel }) => channel === 'shell').length
    await client.sendFrames('shell', signed([header({ msg_type: type }), '{}', '{}', '{}']))
    await expectAlive()
    expect(client.received.filter(({ channel }) => channel === 'shell')).toHaveLength(before + 1)
  },
)

const ERROR = { status: 'error' }
const OK = { status: 'ok' }

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['execute_request', {}, ERROR],
  ['execute_request', { code: 7 }, ERROR],
  ['execute_request', { code: null }, ERROR],
  ['execute_request', { code: '' }, OK],
  ['execute_request', { code: '', silent: true }, OK],
  ['execute_request', { code: '1', silent: 'yes' }, OK],
  ['execute_request', { code: '1', user_expressions: ['a'] }, { ...OK, user_expressions: {} }],
  [
    'execute_request',
    { code: '1', user_expressions: { a: 7, b: '1 +', c: '2' } },
    { ...OK, user_expressions: { a: ERROR, b: ERROR, c: OK } },
  ],
  ['execute_request', { code: `// ${'x'.repeat(5_000_000)}` }, OK],
  ['execute_request', { code: '1 \0 1' }, ERROR],
  ['execute_request', { code: '"\ud800"' }, ERROR],
  ['complete_request', { code: 'Math.fl', cursor_pos: -1 }, OK],
  [
    'complete_request',
    { code: 'Math.fl', cursor_pos: 999 },
    { ...OK, matches: ['floor'], cursor_start: 5, cursor_end: 7 },
  ],
  ['complete_request', { code: 'Math.fl', cursor_pos: 1.5 }, OK],
  ['complete_request', { code: 'Math.fl', cursor_pos: '7' }, { ...OK, matches: ['floor'] }],
  ['complete_request', { code: 'Math.fl' }, { ...OK, matches: ['floor'] }],
  ['complete_request', {}, ERROR],
  ['inspect_request', { code: 'parseInt', cursor_pos: 3, detail_level: 7 }, { ...OK, found: true }],
  ['inspect_request', { code: '', cursor_pos: 0 }, { ...OK, found: false }],
  ['is_complete_request', {}, { status: 'unknown' }],
  ['history_request', { hist_access_type: 'all' }, { ...OK, history: [] }],
  ['history_request', { hist_access_type: 'tail' }, { ...OK, history: [] }],
  ['history_request', { hist_access_type: 'tail', n: -5 }, { ...OK, history: [] }],
  [
    'history_request',
    { hist_access_type: 'range', session: 999, extra: 1 },
    { ...OK, history: [] },
  ],
  ['comm_info_request', { target_name: null }, { ...OK, comms: {} }],
  ['create_subshell_request', {}, ERROR],
  ['debug_request', {}, ERROR],
  ['interrupt_request', {}, OK],
  ['no_such_request', { a: 1 }, ERROR],
])('%s %.60j: one reply, busy and idle, the kernel lives', async (type, content, expected) => {
  const { reply, iopub } = await client.ask(type, content)
  expect(reply.content).toMatchObject(expected)
  expect(typesOf(iopub).at(0)).toBe('busy')
  await expectAlive()
})

test('comm messages for nothing: an unknown target is closed, unknown comms are ignored', async () => {
  const open = await client.send('comm_open', { comm_id: 'c', target_name: 'nobody', data: {} })
  expect(typesOf(await client.transcript(open))).toEqual(['busy', 'comm_close', 'idle'])
  for (const [type, content] of [
    ['comm_open', { target_name: 'x' }],
    ['comm_msg', { comm_id: 'none', data: {} }],
    ['comm_close', { comm_id: 'none' }],
    ['comm_msg', {}],
  ] as const) {
    expect(typesOf(await client.transcript(await client.send(type, content)))).toEqual([
      'busy',
      'idle',
    ])
  }
  expect((await client.ask('comm_info_request')).reply.content['comms']).toEqual({})
  await expectAlive()
})

test('a subshell_id that nobody made, and extra buffers, are ignored', async () => {
  for (const subshell of ['none', 5, null]) {
    const id = client.header('').msg_id
    const head = header({ msg_id: id, subshell_id: subshell }, 'execute_request')
    await client.sendFrames(
      'shell',
      client.frames([head, '{}', '{}', '{"code":"1"}'], [Buffer.alloc(9)]),
    )
    const { reply } = await client.answer(id)
    expect(reply.content['status']).toBe('ok')
    expect(reply.parent['subshell_id']).toBe(subshell)
  }
})

test('a client that vanishes before its reply, and one that never reads, hurt nobody', async () => {
  const gone = await new Client(kernel.connection).connect()
  for (let i = 0; i < 20; i++)
    await gone.send('execute_request', { code: `"${'x'.repeat(10_000)}"` })
  gone.close()
  await expectAlive()
  expect((await client.execute('6 * 7')).reply.content['status']).toBe('ok')
})

test('100 kB of bytes come back from the heartbeat', async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256))
  expect((await client.heartbeat(bytes)).equals(bytes)).toBe(true)
})

test('all of this left lines in the log that quote no key and no text of a message', () => {
  expect(kernel.stderr()).toContain('dropped a message on shell')
  expect(kernel.stderr()).not.toContain(kernel.connection.key)
  expect(kernel.stderr()).not.toContain('Traceback')
  expect(kernel.stderr().length).toBeLessThan(50_000)
})
