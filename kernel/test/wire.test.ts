import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { newMessage, replyTo } from '../src/protocol/message.ts'
import { createWire } from '../src/protocol/wire.ts'

const KEY = 'a-key'
const HEADER = JSON.stringify({ msg_id: 'm1', msg_type: 'x_request', subshell_id: null })

function frames(
  parts: {
    json?: string[]
    key?: string
    identities?: string[]
    buffers?: string[]
    hash?: string
  } = {},
): Buffer[] {
  const { key = KEY, identities = ['id'], buffers = [], hash = 'sha256' } = parts
  const json = (parts.json ?? [HEADER, '{}', '{}', '{}']).map((text) => Buffer.from(text))
  const hmac = createHmac(hash, key)
  for (const frame of json) hmac.update(frame)
  const signature = key === '' ? '' : hmac.digest('hex')
  return [...identities, '<IDS|MSG>', signature]
    .map((text) => Buffer.from(text))
    .concat(
      json,
      buffers.map((text) => Buffer.from(text)),
    )
}

function replaced(list: Buffer[], index: number, by: string): Buffer[] {
  return list.with(index, Buffer.from(by))
}

test('a signed message is read: identities, header as it came, buffers', () => {
  const message = createWire(KEY, 'sha256').decode(
    frames({ identities: ['a', 'b'], buffers: ['x'] }),
  )
  expect(message.identities.map(String)).toEqual(['a', 'b'])
  expect(message.headerJson).toBe(HEADER)
  expect(message.header).toEqual({ msg_id: 'm1', msg_type: 'x_request' })
  expect(message.buffers.map(String)).toEqual(['x'])
})

test('what one wire writes another with the same key reads', () => {
  const sent = newMessage('s', 'status', { execution_state: 'idle' })
  const read = createWire(KEY, 'sha512').decode(createWire(KEY, 'sha512').encode(sent))
  expect(read.content).toEqual({ execution_state: 'idle' })
  expect(read.parentId).toBe('')
})

test('a reply is named after its request and carries its identities and whole header', () => {
  const request = createWire(KEY, 'sha256').decode(frames({ identities: ['a', 'b'] }))
  const reply = replyTo(request, 's', { status: 'ok' })
  expect(reply.header.msg_type).toBe('x_reply')
  expect(reply.parentJson).toBe(HEADER)
  expect(reply.identities.map(String)).toEqual(['a', 'b'])
})

test('an empty key takes any signature and writes an empty one', () => {
  const wire = createWire('', 'sha256')
  expect(wire.decode(replaced(frames(), 2, 'anything')).header.msg_id).toBe('m1')
  expect(wire.decode(frames({ key: '' })).header.msg_id).toBe('m1')
  expect(String(wire.encode(newMessage('s', 'status', {}))[1])).toBe('')
})

test.each<[string, Buffer[], RegExp]>([
  ['no frames', [], /no <IDS\|MSG> delimiter in 0 frames/],
  ['one empty frame', [Buffer.alloc(0)], /delimiter/],
  [
    'six frames without a delimiter',
    Array.from({ length: 6 }, () => Buffer.from('junk')),
    /delimiter/,
  ],
  ['the delimiter alone', [Buffer.from('<IDS|MSG>')], /after the signature/],
  ['three of four JSON frames', frames().slice(0, -1), /after the signature/],
  ['an empty signature', replaced(frames(), 2, ''), /signature/],
  ['a wrong signature', replaced(frames(), 2, '0'.repeat(64)), /signature/],
  ['a short signature', replaced(frames(), 2, 'abc'), /signature/],
  [
    'an upper-case signature',
    replaced(frames(), 2, String(frames()[2]).toUpperCase()),
    /signature/,
  ],
  ['a signature that is not ASCII', replaced(frames(), 2, 'é'.repeat(32)), /signature/],
  ['another key', frames({ key: 'other' }), /signature/],
  ['another hash', frames({ hash: 'sha512' }), /signature/],
  ['a changed frame', replaced(frames(), 6, '{"code":"1"}'), /signature/],
  ['a header that is not JSON', frames({ json: ['{', '{}', '{}', '{}'] }), /header is not JSON/],
  ['an empty header', frames({ json: ['', '{}', '{}', '{}'] }), /header is not JSON/],
  ['a null header', frames({ json: ['null', '{}', '{}', '{}'] }), /header is not a JSON object/],
  ['a list as header', frames({ json: ['[]', '{}', '{}', '{}'] }), /header is not a JSON object/],
  ['a header without msg_id', frames({ json: ['{"msg_type":"x"}', '{}', '{}', '{}'] }), /msg_id/],
  ['a header without msg_type', frames({ json: ['{"msg_id":"x"}', '{}', '{}', '{}'] }), /msg_type/],
  ['a parent that is not JSON', frames({ json: [HEADER, '{', '{}', '{}'] }), /parent_header/],
])('%s is refused with a reason', (_name, bad, reason) => {
  expect(() => createWire(KEY, 'sha256').decode(bad)).toThrow(reason)
})

test.each([
  ['{', 'content is not JSON'],
  ['{"a":NaN}', 'content is not JSON'],
  ['null', 'content must be a JSON object, got null'],
  ['[]', 'content must be a JSON object, got a list'],
  ['7', 'content must be a JSON object, got number'],
])('content %s can be answered: its fault is kept', (content, fault) => {
  const message = createWire(KEY, 'sha256').decode(frames({ json: [HEADER, '{}', '{}', content] }))
  expect(message.contentFault).toBe(fault)
})

test('buffers are not signed', () => {
  const signed = frames({ buffers: ['one'] })
  expect(() => createWire(KEY, 'sha256').decode(replaced(signed, 7, 'two'))).not.toThrow()
})

test('the same message is taken once', () => {
  const wire = createWire(KEY, 'sha256')
  wire.decode(frames())
  expect(() => wire.decode(frames())).toThrow(/replay/)
})

function numbered(id: number): Buffer[] {
  return frames({ hash: 'md5', json: [`{"msg_id":"${id}","msg_type":"x"}`, '{}', '{}', '{}'] })
}

test('a flood of other messages pushes out the oldest signature, never a recent one', () => {
  const wire = createWire(KEY, 'md5')
  for (let id = 0; id <= 65_536; id++) wire.decode(numbered(id))
  expect(() => wire.decode(numbered(1))).toThrow(/replay/)
  expect(() => wire.decode(numbered(0))).not.toThrow()
})

test('invalid UTF-8 in a header is replaced, also in the parent of the reply', () => {
  const header = Buffer.concat([
    Buffer.from('{"msg_id":"m","msg_type":"x_request","u":"'),
    Buffer.of(0xff),
    Buffer.from('"}'),
  ])
  const list = frames()
  const json = [header, ...list.slice(4)]
  const hmac = createHmac('sha256', KEY)
  for (const frame of json) hmac.update(frame)
  const bad = [...list.slice(0, 2), Buffer.from(hmac.digest('hex')), ...json]
  expect(createWire(KEY, 'sha256').decode(bad).headerJson).toContain('\ufffd')
})
