// When leases are looked at, and when a look is not to be trusted: a machine that slept, or a clock that was set, finds every lease over
// although every kernel slept too.

export interface LeaseTimes {
  /** Without renewal for this long contact is lost. */
  ms: number
  /** Between two looks. */
  lookMs: number
}

/** docs/spec.md 4.3. */
export const LEASE_TIMES: LeaseTimes = { ms: 3 * 60_000, lookMs: 15_000 }

/** Looks that may be missed: a busy process is late too. */
const LATE = 3

export class LeaseClock {
  readonly #lookMs: number
  #last: number

  /** @param now - Wall clock, in ms. */
  constructor({ lookMs }: LeaseTimes, now: number) {
    this.#lookMs = lookMs
    this.#last = now
  }

  /** Whether about as much time went by since the last look as should have; called every `lookMs`. */
  isSteady(now: number): boolean {
    const late = now - this.#last - this.#lookMs
    this.#last = now
    return late <= LATE * this.#lookMs && late >= -2 * this.#lookMs
  }
}
