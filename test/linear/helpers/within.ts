// Work that is cut off when its time is up: a pattern that backtracks would run on for hours.
import { createContext, runInContext } from 'node:vm'

/** Time that one text of a megabyte may take, in ms. */
export const LIMIT = 2000
/** After so many there is nothing more to learn. */
const ENOUGH = 5

/** The texts, by what they repeat, whose work took longer than the limit. */
export function tooSlow(
  units: readonly string[],
  textOf: (unit: string) => string,
  work: (text: string) => unknown,
): string[] {
  const slow: string[] = []
  for (const unit of units) {
    const text = textOf(unit)
    if (slow.length < ENOUGH && !endsInTime(() => work(text))) {
      slow.push(JSON.stringify(unit.slice(0, 80)))
    }
  }
  return slow
}

function endsInTime(work: () => unknown): boolean {
  const context = createContext({ work: () => void work() })
  try {
    runInContext('work()', context, { timeout: LIMIT })
    return true
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return false
    throw error
  }
}
