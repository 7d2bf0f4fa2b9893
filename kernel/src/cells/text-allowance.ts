// How much text one cell may show. An ordinary cell never gets there; one that floods is stopped,
// because every client and the notebook's file keep all of it. What is left out is reported in its
// place.
import { Budget } from './budget.ts'
import type { Log } from '../channels/log.ts'

/** UTF-16 units that come back in a second, for cells that report progress for days. */
const REFILL = 10_000
/** After a flood, text is shown again once this much has come back. */
const RESUME = 100_000
const MEGABYTE = 1_000_000
const DEFAULT = 16
export const LIMIT_VARIABLE = 'JUPYTERPOST_OUTPUT_LIMIT_MB'

/** In UTF-16 units; 16 million unless the environment gives another number of millions. */
export function textLimit(env: NodeJS.ProcessEnv, log: Log): number {
  const wanted = env[LIMIT_VARIABLE]
  if (wanted === undefined || wanted === '') return DEFAULT * MEGABYTE
  const number = Number(wanted)
  if (number > 0 && Number.isFinite(number)) return number * MEGABYTE
  log(
    `${LIMIT_VARIABLE} must be a number above 0, got ${JSON.stringify(wanted)}: taken as ${DEFAULT}`,
  )
  return DEFAULT * MEGABYTE
}

export interface Allowed {
  /** The part of the text that is shown. */
  text: string
  /** To be shown before it: how much was left out. */
  before?: string
  /** To be shown after it: that text is left out from here on. */
  after?: string
}

export class TextAllowance {
  readonly #budget: Budget
  #omitted = 0

  /** @param now - A clock in ms that never goes back. */
  constructor(limit: number, now?: () => number) {
    this.#budget = new Budget(limit, REFILL, now)
  }

  take(text: string): Allowed {
    const { left, limit } = this.#budget
    if (this.#omitted > 0) {
      if (left < Math.min(RESUME, limit)) {
        this.#omitted += text.length
        return { text: '' }
      }
      const before = this.end()
      return { ...this.take(text), ...(before === undefined ? {} : { before }) }
    }
    if (text.length <= left) {
      this.#budget.spend(text.length)
      return { text }
    }
    const cut = endOfCharacter(text, Math.floor(left))
    this.#budget.spend(left)
    this.#omitted = text.length - cut
    const after = `\n[more than ${limit / MEGABYTE} MB of text: what follows is left out; ${LIMIT_VARIABLE} sets another limit]\n`
    return { text: text.slice(0, cut), after }
  }

  /** The cell's outputs were cleared, so there is room again. */
  clear(): void {
    this.#budget.clear()
    this.#omitted = 0
  }

  /**
   * What to show at the end of the cell: how much was left out since the last message about that.
   */
  end(): string | undefined {
    if (this.#omitted === 0) return undefined
    const omitted = `${(this.#omitted / MEGABYTE).toFixed(1)} MB`
    this.#omitted = 0
    return `\n[${omitted} of text were left out here]\n`
  }
}

/** Never cuts between the two halves of a surrogate pair. */
function endOfCharacter(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1)
  return unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end
}
