// Durations as people type them and as they are shown: cases that the Python package runs too.
import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { durationText, durationWords, parseDuration, secondsText } from '../../contract/duration.ts'
import { fixture } from '../helpers/fixture.ts'

const cases = fixture(
  'durations',
  z.object({
    parsed: z.array(z.object({ text: z.string(), ms: z.number().optional() })),
    written: z.array(z.object({ ms: z.int(), text: z.string() })),
    words: z.array(z.object({ seconds: z.number(), text: z.string() })),
    seconds: z.array(z.object({ ms: z.number(), text: z.string() })),
  }),
)

describe('a duration', () => {
  test.each(cases.parsed)('typed as $text has $ms ms', ({ text, ms }) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(cases.written)('of $ms ms is written as $text', ({ ms, text }) => {
    expect(durationText(ms)).toBe(text)
  })

  test.each(cases.words)('of $seconds s is $text in words', ({ seconds, text }) => {
    expect(durationWords(seconds)).toBe(text)
  })

  test.each(cases.seconds)('of $ms ms is $text in seconds', ({ ms, text }) => {
    expect(secondsText(ms)).toBe(text)
  })
})
