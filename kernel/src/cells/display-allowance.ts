// How much one cell may display: as for text, all of it is kept by every client and in the notebook's file. Updates cost nothing here,
// they take the place of what they update.
import { Budget } from './budget.ts'
import { LIMIT_VARIABLE } from './text-allowance.ts'
import { isObject } from '../protocol/json.ts'

/** Times the limit of text: a picture says more than words, and takes more. */
const TIMES_TEXT = 8
/** Units a second that come back. */
const REFILL = 100_000
/** After a flood displays are shown again once this part of the limit came back. */
const RESUME = 1 / 16
/** What a message costs beside its content. */
const MESSAGE = 500
const MEGABYTE = 1_000_000

export interface AllowedDisplay {
  isShown: boolean
  /** To be shown in its place: what was left out before it, or that it is left out itself. */
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

  /** @param size - Of its content, by `sizeOf`. */
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

  /** For what takes the place of something, or is not kept: any number, but none that alone is too much. */
  takeReplacing(size: number): AllowedDisplay {
    return size + MESSAGE <= this.#budget.limit ? { isShown: true } : this.#omit(size)
  }

  /** The cell's outputs were cleared: there is room again. */
  clear(): void {
    this.#budget.clear()
    this.#omitted = this.#omittedSize = 0
  }

  /** What to show at the end of the cell: how many were left out since it was last said. */
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
    const notice = `\n[more than ${most} of displays: what follows is left out; ${LIMIT_VARIABLE} sets an eighth of it]\n`
    return { isShown: false, notice }
  }
}

/** UTF-16 units and bytes of a value's texts and buffers, about: nothing is copied for it. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (value instanceof Uint8Array) return value.byteLength
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + 1 + sizeOf(item), 0)
  if (!isObject(value)) return 8
  let size = 0
  for (const [key, item] of Object.entries(value)) size += key.length + sizeOf(item)
  return size
}
