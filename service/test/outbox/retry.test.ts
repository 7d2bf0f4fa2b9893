import { expect, test } from '@jest/globals'

import { retryDelay } from '../../outbox/retry.ts'

test.each([
  [1, 0, 0, 0],
  [1, 0.5, 0, 500],
  [2, 0.5, 0, 1000],
  [4, 0.999, 0, 7992],
  [10, 0.5, 0, 150_000], // the cap: 5 min
  [1000, 0.5, 0, 150_000],
  [1, 0.5, 60_000, 60_000], // the chat's own wait
  [10, 0.5, 1000, 150_000],
])('attempt %i at random %f with a wait of %i ms: %i ms', (attempt, random, after, ms) => {
  expect(retryDelay(attempt, random, after)).toBe(ms)
})

test.each([0, -1, 1.5, Number.NaN])('attempt %d is a mistake of the caller', (attempt) => {
  expect(() => retryDelay(attempt, 0)).toThrow(RangeError)
})
