// How much one cell may display. As for text, every client and the notebook's file keep all of it.
// Updates cost nothing, because they replace a display.
import { Budget } from './budget.ts'
import { LIMIT_VARIABLE } from './text-allowance.ts'
import { isObject } from '../protocol/json.ts'

/** Times the limit of text, because pictures are larger. */
const TIMES_TEXT = 8
/** UTF-16 units that come back in a second. */
const REFILL = 100_000
/** After a flood, displays are shown again once this part of the limit has come back. */
const RESUME = 1 / 16
/** What a message costs in addition to its content. */
const MESSAGE = 500
const MEGABYTE = 1_000_000

export interface AllowedDisplay {
  isShown: boolean
  /** To be shown instead: that displays were left out before this one, or that this one is. */
  notice?: string
}

export class DisplayAllowance {
  readonly #budget: Budget
  #omitted = 0
  #omittedSize = 0

  /**
   * @param textLimit - UTF-16 units of text that the cell may show.
   * @param now - A clock in ms that never goes back.
   */
  constructor(textLimit: number, now?: () => number) {
    this.#budget = new Budget(textLimit * TIMES_TEXT, REFILL, now)
  }

  /** @param size - Size of its content, by `sizeOf`. */
  take(size: number): AllowedDisplay {
    const { left, limit } = this.#budget
    const isFlood = this.#omitted > 0 && left < limit * RESUME
    if (!isFlood && size + MESSAGE <= left) {
      this.#budget.spend(size + MESSAGE)
      const notice = this.end()
      return { isShown: true, ...(notice === undefined ? {} : { notice }) }
    }
    return this.#omit(size)
  }

  /**
   * For displays that replace another or are not kept: any number of them, but none that is larger
   * than the whole limit.
   */
  takeReplacing(size: number): AllowedDisplay {
    return size + MESSAGE <= this.#budget.limit ? { isShown: true } : this.#omit(size)
  }

  /** The cell's outputs were cleared, so there is room again. */
  clear(): void {
    this.#budget.clear()
    this.#omitted = this.#omittedSize = 0
  }

  /**
   * What to show at the end of the cell: how much was left out since the last message about that.
   */
  end(): string | undefined {
    if (this.#omitted === 0) return undefined
    const [count, size] = [this.#omitted, (this.#omittedSize / MEGABYTE).toFixed(1)]
    this.#omitted = this.#omittedSize = 0
    return count === 1
      ? `\n[1 display of ${size} MB was left out here]\n`
      : `\n[${count} displays, ${size} MB in all, were left out here]\n`
  }

  #omit(size: number): AllowedDisplay {
    this.#omitted += 1
    this.#omittedSize += size
    if (this.#omitted > 1) return { isShown: false }
    const most = `${this.#budget.limit / MEGABYTE} MB`
    const notice = `\n[more than ${most} of displays: what follows is left out; the limit is ${TIMES_TEXT} times ${LIMIT_VARIABLE}]\n`
    return { isShown: false, notice }
  }
}

/**
 * Approximate size of the texts and buffers in a value, in UTF-16 units and bytes, without copying
 * it.
 */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (value instanceof Uint8Array) return value.byteLength
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + 1 + sizeOf(item), 0)
  if (!isObject(value)) return 8
  let size = 0
  for (const [key, item] of Object.entries(value)) size += key.length + sizeOf(item)
  return size
}
