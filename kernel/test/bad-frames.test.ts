// Rows 1 to 37 of the table of bad input, against the program: frames and JSON that no client
// should send. Checks the answer to each, and that the kernel still answers afterwards.
import { expect, test } from '@jest/globals'
import { typesOf } from './helpers/client.ts'
import { abuse } from './helpers/abuse.ts'

const all = abuse()
const SIGNATURE = 1

const signed = (parts: Array<string | Buffer>, buffers: Buffer[] = []): Buffer[] =>
  all.client.frames(parts, buffers)
const usual = (): Buffer[] => signed([all.header(), '{}', '{}', '{}'])
const withHeader = (header: string): Buffer[] => signed([header, '{}', '{}', '{}'])

test.each<[number, string, () => Buffer[]]>([
  [1, 'one empty frame', () => [Buffer.alloc(0)]],
  [2, 'one junk frame', () => [Buffer.from([0xff, 0, 1])]],
  [3, 'no delimiter', () => Array.from({ length: 6 }, () => Buffer.from('junk'))],
  [4, 'the delimiter alone', () => [Buffer.from('<IDS|MSG>')]],
  [5, 'delimiter and signature', () => usual().slice(0, 2)],
  [6, 'three of four JSON frames', () => signed([all.header(), '{}', '{}'])],
  [7, 'an empty signature', () => usual().with(SIGNATURE, Buffer.alloc(0))],
  [8, 'a wrong signature', () => all.client.frames([all.header(), '{}', '{}', '{}'], [], 'no key')],
  [9, 'a short signature', () => usual().with(SIGNATURE, Buffer.from('ab'))],
  [
    10,
    'an upper-case signature',
    () => {
      const frames = usual()
      return frames.with(SIGNATURE, Buffer.from(String(frames[SIGNATURE]).toUpperCase()))
    },
  ],
  [11, 'a signature that is not ASCII', () => usual().with(SIGNATURE, Buffer.from('é'.repeat(32)))],
  [13, 'a header that is not JSON', () => withHeader('{no')],
  [14, 'an empty header', () => withHeader('')],
  [15, 'a null header', () => withHeader('null')],
  [16, 'a list as header', () => withHeader('[]')],
  [17, 'an object without keys as header', () => withHeader('{}')],
  [18, 'a header without msg_id', () => withHeader(all.header({ msg_id: undefined }))],
  [18, 'a header without msg_type', () => withHeader(all.header({ msg_type: undefined }))],
  [30, 'a parent_header that is not JSON', () => signed([all.header(), '{no', '{}', '{}'])],
  [31, 'metadata that is not JSON', () => signed([all.header(), '{}', '{no', '{}'])],
])('row %i, %s: no answer, and the kernel lives', async (_row, _name, frames) => {
  await all.expectAlive()
  const before = all.client.received.length
  for (const channel of ['shell', 'control', 'stdin'] as const)
    await all.client.sendFrames(channel, frames())
  await all.expectAlive()
  // Two kernel_infos: reply, busy, idle each, and nothing else.
  expect(all.client.received.slice(before)).toHaveLength(6)
})

test('row 12, a byte-identical second message is dropped', async () => {
  const { msg_id } = all.client.header('')
  const frames = withHeader(all.header({ msg_id }))
  await all.client.sendFrames('shell', frames)
  await all.client.sendFrames('shell', frames)
  await all.expectAlive()
  const replies = all.client.received.filter(
    (m) => m.channel === 'shell' && m.parent['msg_id'] === msg_id,
  )
  expect(replies).toHaveLength(1)
})

const INFO = '"msg_type":"kernel_info_request"'
const EXECUTE = '"msg_type":"execute_request"'
const OK = { status: 'ok' }
const REFUSED = { status: 'error', ename: 'ContentError' }

test.each<[number, string, string, string, string, Record<string, unknown>]>([
  // What was sent: header after its msg_id, metadata, content; then what the reply says.
  [19, 'no session, username, date, version', INFO, '{}', '{}', OK],
  [26, 'version 99.0', `${INFO},"version":"99.0"`, '{}', '{}', OK],
  [27, 'version 3.0', `${INFO},"version":"3.0"`, '{}', '{}', OK],
  [28, 'a garbage date', `${INFO},"date":"yesterday"`, '{}', '{}', OK],
  [31, 'null metadata', INFO, 'null', '{}', OK],
  [32, 'a list as metadata', INFO, '[]', '{}', OK],
  [33, 'content that is not JSON', INFO, '{}', '{no', REFUSED],
  [34, 'null content', INFO, '{}', 'null', REFUSED],
  [35, 'a list as content', INFO, '{}', '[]', REFUSED],
  [36, 'NaN in content', EXECUTE, '{}', '{"code":"1","x":NaN}', REFUSED],
  [37, 'the same key twice', EXECUTE, '{}', '{"code":"throw 1","code":"1"}', OK],
])('row %i, %s: one reply', async (_row, _name, head, metadata, content, expected) => {
  const { msg_id } = all.client.header('')
  await all.client.sendFrames(
    'shell',
    signed([`{"msg_id":"${msg_id}",${head}}`, '{}', metadata, content]),
  )
  const { reply, iopub } = await all.client.answer(msg_id)
  expect(reply.content).toMatchObject(expected)
  expect(typesOf(iopub).at(0)).toBe('busy')
  await all.expectAlive()
})

test('row 20, invalid UTF-8 in the header is replaced, and the message answered', async () => {
  const { msg_id } = all.client.header('')
  const text = `{"msg_id":"${msg_id}",${INFO},"username":"`
  const header = Buffer.concat([Buffer.from(text), Buffer.of(0xff, 0xfe), Buffer.from('"}')])
  await all.client.sendFrames('shell', signed([header, '{}', '{}', '{}']))
  const { reply } = await all.client.answer(msg_id)
  expect(reply.parent['username']).toBe('\ufffd\ufffd')
})

test.each<[number, unknown]>([
  [21, 5],
  [22, '__proto__'],
  [23, 'constructor'],
  [25, 'execute_reply'],
  [25, 'execute'],
])('row %i, the msg_type %j gets busy, idle and no reply', async (_row, type) => {
  const { msg_id } = all.client.header('')
  const before = all.client.received.filter(({ channel }) => channel === 'shell').length
  await all.client.sendFrames('shell', withHeader(all.header({ msg_id, msg_type: type })))
  expect(typesOf(await all.client.transcript(msg_id))).toEqual(['busy', 'idle'])
  await all.expectAlive()
  expect(all.client.received.filter(({ channel }) => channel === 'shell')).toHaveLength(before + 1)
})

test('row 24, an unknown request gets an error reply of its own type', async () => {
  for (const channel of ['shell', 'control'] as const) {
    const { reply, iopub } = await all.client.ask('unknown_request', { a: 1 }, channel)
    expect(reply.header.msg_type).toBe('unknown_reply')
    expect(reply.content).toMatchObject({ status: 'error', ename: 'UnsupportedRequestError' })
    expect(typesOf(iopub)).toEqual(['busy', 'idle'])
  }
})

test('row 29, a msg_id of 1 MB is answered, also for a cell', async () => {
  for (const type of ['kernel_info_request', 'execute_request']) {
    const msg_id = type + 'x'.repeat(1_000_000)
    const header = all.header({ msg_id }, type)
    await all.client.sendFrames('shell', signed([header, '{}', '{}', '{"code":"console.log(1)"}']))
    const { reply, iopub } = await all.client.answer(msg_id)
    expect(reply.content['status']).toBe('ok')
    expect(typesOf(iopub).at(-1)).toBe('idle')
    if (type === 'execute_request') expect(typesOf(iopub)).toContain('stream')
  }
})

test('all of this left lines in the log that quote no key and no text of a message', () => {
  const log = all.kernel.stderr()
  expect(log).toContain('dropped a message on shell')
  expect(log).not.toContain(all.kernel.connection.key)
  expect(log).not.toContain('yesterday')
  expect(log).not.toContain('    at ')
  expect(log.length).toBeLessThan(50_000)
})
