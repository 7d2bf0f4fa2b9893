// Work that is cut off when its time is up: a pattern that backtracks would run for hours.
import { createContext, runInContext } from 'node:vm'

/** ms of computing allowed for a text of a megabyte: other programs do not count. */
export const LIMIT = 2000
/** ms after which the work is given up. */
const CUT_OFF = 15_000
/** After this many there is nothing more to learn. */
const ENOUGH = 3

/** Part of the whole text that is tried first; and how many of the slowest are then tried whole. */
const SAMPLE = 16
const TRIED = process.env['JUPYTERPOST_STRESS'] === 'full' ? Infinity : 4

/**
 * The texts, by what they repeat, whose work took longer than the limit. A part of each is tried
 * first: if time grows with the length, the slowest parts are the slowest texts; if it grows
 * faster, they stand out even more.
 */
export function tooSlow(
  units: readonly string[],
  textOf: (unit: string) => string,
  work: (text: string) => unknown,
): string[] {
  const slowest = units
    .map((unit) => {
      const text = textOf(unit)
      return { unit, ms: costOf(() => work(text.slice(0, text.length / SAMPLE))) }
    })
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, TRIED)
  const slow: string[] = []
  for (const { unit } of slowest) {
    if (slow.length === ENOUGH) break
    const text = textOf(unit)
    const ms = costOf(() => work(text))
    if (ms > LIMIT) slow.push(`${JSON.stringify(unit.slice(0, 80))}: ${Math.round(ms)} ms`)
  }
  return slow
}

/** ms that this thread computed. */
export function costOf(work: () => unknown): number {
  const context = createContext({ work: () => void work() })
  const before = process.threadCpuUsage()
  try {
    runInContext('work()', context, { timeout: CUT_OFF })
  } catch (error) {
    // A reader that refuses a text has read it: its time counts like any other.
    if (isTimeout(error)) return CUT_OFF
  }
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

function isTimeout(error: unknown): boolean {
  return Error.isError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
