// The order of outputs at the reading end, for any sizes of the chunks.
import { expect, test } from '@jest/globals'
import { FrameReader, encodeFrame } from '../../src/runtime/link.ts'
import type { Sequenced, ToChild } from '../../src/runtime/link.ts'
import { marker } from '../../src/runtime/markers.ts'
import { OutputMerge } from '../../src/runtime/output-merge.ts'

const NONCE = 'abcdef0123456789'
const mark = (seq: number, hasMessage: boolean, cellId: string) =>
  marker(NONCE, seq, hasMessage, cellId)
const clear = (seq: number): Sequenced => ({
  type: 'output',
  seq,
  cellId: 'a',
  output: { type: 'clear_output', wait: false },
})

function merge() {
  const shown: string[] = []
  const merged = new OutputMerge(NONCE, {
    text: (name, text, cellId) => shown.push(`${cellId} ${name} ${text}`),
    message: ({ seq }) => shown.push(`message ${seq}`),
  })
  return { merged, shown }
}

test('text and messages come in the order of their numbers, whichever is read first', () => {
  const { merged, shown } = merge()
  merged.bytes(
    'stdout',
    Buffer.from(`${mark(1, false, 'a')}one${mark(2, true, 'a')}raw${mark(3, false, 'b')}`),
  )
  merged.bytes('stderr', Buffer.from(mark(1, false, 'a') + mark(2, true, 'a')))
  expect(shown).toEqual(['a stdout one'])
  merged.message(clear(2))
  merged.bytes('stderr', Buffer.from(`${mark(3, false, 'b')}three`))
  expect(shown).toEqual(['a stdout one', 'message 2', 'a stdout raw', 'b stderr three'])
})

test('markers and characters split over chunks at every byte are put together', () => {
  const { merged, shown } = merge()
  merged.bytes('stderr', Buffer.from(mark(1, false, 'zélle') + mark(2, false, 'b')))
  const bytes = Buffer.from(`${mark(1, false, 'zélle')}h😀i${mark(2, false, 'b')}\0no marker\0`)
  for (const byte of bytes) merged.bytes('stdout', Buffer.from([byte]))
  merged.finish('stdout')
  const text = (cellId: string) =>
    shown
      .filter((line) => line.startsWith(cellId))
      .map((line) => line.slice(`${cellId} stdout `.length))
      .join('')
  expect(text('zélle')).toBe('h😀i')
  expect(text('b')).toBe('\0no marker\0')
})

test('a message that was never written holds nothing back once a later one came', () => {
  const { merged, shown } = merge()
  const text = mark(1, true, 'a') + 'text' + mark(2, true, 'a')
  merged.bytes('stdout', Buffer.from(text))
  merged.bytes('stderr', Buffer.from(mark(1, true, 'a') + mark(2, true, 'a')))
  expect(shown).toEqual([])
  merged.message(clear(2))
  expect(shown).toEqual(['a stdout text', 'message 2'])
})

test('a number written on one stream only is passed over', () => {
  const { merged, shown } = merge()
  merged.bytes('stdout', Buffer.from(`${mark(1, false, 'a')}x${mark(2, false, 'a')}y`))
  merged.bytes('stderr', Buffer.from(`${mark(2, false, 'a')}z`))
  expect(shown).toEqual(['a stdout x', 'a stdout y', 'a stderr z'])
})

test('when everything ended, all that was read is shown', () => {
  const { merged, shown } = merge()
  merged.bytes('stdout', Buffer.from(`${mark(1, true, 'a')}last words\0${NONCE.slice(0, 4)}`))
  for (const end of ['link', 'stdout', 'stderr'] as const) merged.finish(end)
  merged.message(clear(9))
  expect(shown.join('|')).toBe(`a stdout last words|a stdout \0${NONCE.slice(0, 4)}|message 9`)
})

test('frames are read at any chunk size, and one that was cut short is dropped', () => {
  const read: number[] = []
  const reader = new FrameReader<ToChild>(
    (message) => read.push('id' in message ? message.id : -1),
    NONCE,
  )
  const frame = (id: number) =>
    encodeFrame({ type: 'complete', id, code: 'x'.repeat(50), cursor: 0 }, NONCE)
  const bytes = Buffer.concat([frame(1), frame(2).subarray(0, 40), frame(3), frame(4)])
  for (const byte of bytes) reader.push(Buffer.from([byte]))
  reader.push(Buffer.concat([frame(5), frame(6)]))
  expect(read).toEqual([1, 3, 4, 5, 6])
})
