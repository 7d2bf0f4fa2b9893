// An amount that may be spent up to a limit and slowly comes back, for cells that report progress
// for days.

export class Budget {
  readonly limit: number
  readonly #refill: number
  readonly #now: () => number
  #left: number
  #counted: number

  /**
   * @param refill - How much comes back in a second.
   * @param now - A clock in ms that never goes back.
   */
  constructor(limit: number, refill: number, now: () => number = () => performance.now()) {
    this.limit = limit
    this.#refill = refill
    this.#now = now
    this.#left = limit
    this.#counted = now()
  }

  get left(): number {
    const now = this.#now()
    this.#left = Math.min(this.limit, this.#left + ((now - this.#counted) / 1000) * this.#refill)
    this.#counted = now
    return this.#left
  }

  spend(amount: number): void {
    this.#left = this.left - amount
  }

  /** Makes the whole amount available again. */
  clear(): void {
    this.#left = this.limit
  }
}
