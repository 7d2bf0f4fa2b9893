// Work that is cut off when its time is up: a pattern that backtracks would run on for hours.
import { createContext, runInContext } from 'node:vm'

/** What a text of a megabyte may cost, in ms of computing: other programs of the machine do not count. */
const LIMIT = 2000
/** When it is given up, in ms. */
const CUT_OFF = 15_000
/** After so many there is nothing more to learn. */
const ENOUGH = 3

/** The texts, by what they repeat, whose work took longer than the limit. */
export function tooSlow(
  units: readonly string[],
  textOf: (unit: string) => string,
  work: (text: string) => unknown,
): string[] {
  const slow: string[] = []
  for (const unit of units) {
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
    if (!isTimeout(error)) throw error
    return CUT_OFF
  }
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

function isTimeout(error: unknown): boolean {
  return Error.isError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
