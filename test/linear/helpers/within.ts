// Work that is cut off when its time is up: a pattern that backtracks would run on for hours.
import { createContext, runInContext } from 'node:vm'

/** What a text of a megabyte may cost, in ms of computing: other programs of the machine do not count. */
const LIMIT = 2000
/** When it is given up, in ms. */
const CUT_OFF = 15_000
/** After so many there is nothing more to learn. */
const ENOUGH = 3

/** Part of the whole text that is tried first, and how many of the slowest are then tried as a whole. */
const SAMPLE = 16
const TRIED = process.env['JUPYTERPOST_STRESS'] === 'full' ? Infinity : 8

/**
 * The texts, by what they repeat, whose work took longer than the limit. All are tried in a part of their length: where time is in
 * proportion to it, the slowest of these are the slowest as a whole; where it is not, they stand out the more.
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
function costOf(work: () => unknown): number {
  const context = createContext({ work: () => void work() })
  const before = process.threadCpuUsage()
  try {
    runInContext('work()', context, { timeout: CUT_OFF })
  } catch (error) {
    // What refuses a text has read it: its time counts as that of any other.
    if (isTimeout(error)) return CUT_OFF
  }
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

function isTimeout(error: unknown): boolean {
  return Error.isError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
