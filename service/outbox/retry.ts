// When to try again: pure, so that a table can test it.

const FIRST_MS = 1000
const CAP_MS = 5 * 60 * 1000

/**
 * Milliseconds before the next attempt: full jitter over a window that starts at 1 s, doubles and is capped at 5 min, so that many
 * posts refused together do not come back together. The service's own wait is honoured when it is longer.
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
