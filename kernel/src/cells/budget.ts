// So much and no more: an amount that is spent and comes back slowly, for cells that report progress for days.

export class Budget {
  readonly limit: number
  readonly #refill: number
  readonly #now: () => number
  #left: number
  #counted: number

  /**
   * @param refill - What comes back in a second.
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

  /** All of it is there again. */
  clear(): void {
    this.#left = this.limit
  }
}
