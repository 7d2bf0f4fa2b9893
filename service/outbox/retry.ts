// When to try again: a pure function, so that a table can test it.

const FIRST_MS = 1000
const CAP_MS = 5 * 60 * 1000

/**
 * Milliseconds before the next attempt: a random part of a window that starts at 1 s, doubles each
 * time and stops growing at 5 min, so that posts refused together do not come back together. If the
 * service asks for a longer wait, that is used.
 *
 * @param attempt - Attempts already made, from 1.
 * @param random - In [0, 1).
 * @throws {RangeError} if `attempt` is not a positive integer.
 */
export function retryDelay(attempt: number, random: number, retryAfterMs = 0): number {
  if (!Number.isInteger(attempt) || attempt < 1) {
    throw new RangeError(`Expected attempt to be a positive integer, got ${attempt}`)
  }
  const window = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 30))
  return Math.max(Math.floor(random * window), retryAfterMs)
}
