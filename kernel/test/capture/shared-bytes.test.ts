// Text cut by its bytes, and sizes in words: cases that the Python package runs too.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { fixture } from '../../../post/test/helpers/fixture.ts'
import { firstBytes, inWords, lastBytes } from '../../src/capture/bytes.ts'

const cases = fixture(
  'limits',
  z.object({
    bytes: z.array(
      z.object({ text: z.string(), most: z.number(), first: z.string(), last: z.string() }),
    ),
    words: z.array(z.object({ bytes: z.int(), text: z.string() })),
  }),
)

test.each(cases.bytes)('$most bytes of $text', ({ text, most, first, last }) => {
  expect([firstBytes(text, most), lastBytes(text, most)]).toEqual([first, last])
})

test.each(cases.words)('$bytes bytes are $text', ({ bytes, text }) => {
  expect(inWords(bytes)).toBe(text)
})
