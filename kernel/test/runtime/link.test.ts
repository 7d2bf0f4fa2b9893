import { expect, test } from '@jest/globals'
import { FrameReader, encodeFrame } from '../../src/runtime/link.ts'
import type { FromChild } from '../../src/runtime/link.ts'

const START = '\u0001f3c2a9b7d1e6054'

function variables(text: string): FromChild {
  return { type: 'variables', variables: [{ name: 'a', value: text }] }
}

/** The messages of a stream that comes in two chunks. */
function read(bytes: Buffer, seam: number): FromChild[] {
  const received: FromChild[] = []
  const reader = new FrameReader<FromChild>((message) => received.push(message), START)
  reader.push(bytes.subarray(0, seam))
  reader.push(bytes.subarray(seam))
  return received
}

test('a frame that its writer left unfinished is dropped, wherever it was cut and however the stream is chunked', () => {
  const whole = encodeFrame(variables('first'), START)
  const next = [variables('second'), variables('third')]
  const after = Buffer.concat(next.map((message) => encodeFrame(message, START)))
  for (let cut = 1; cut < whole.length; cut++) {
    const stream = Buffer.concat([whole.subarray(0, cut), after])
    for (let seam = 0; seam <= stream.length; seam++) {
      expect({ cut, seam, received: read(stream, seam) }).toEqual({ cut, seam, received: next })
    }
  }
})

test('frames arrive one by one when their bytes do', () => {
  const received: FromChild[] = []
  const reader = new FrameReader<FromChild>((message) => received.push(message), START)
  const sent = [variables('ä'), variables('x'.repeat(5000))]
  for (const message of sent) {
    for (const byte of encodeFrame(message, START)) reader.push(Buffer.of(byte))
    expect(received.at(-1)).toEqual(message)
  }
  expect(received).toHaveLength(2)
})
