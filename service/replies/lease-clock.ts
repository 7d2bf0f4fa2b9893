// How often to look at leases, and when not to trust a look: after the machine slept, and its
// kernels with it, or after its clock was set, all leases seem to be over.

export interface LeaseTimes {
  /** Contact is lost after this time without a renewal. */
  ms: number
  /** Time between two looks. */
  lookMs: number
}

/** docs/spec.md 4.3. */
export const LEASE_TIMES: LeaseTimes = { ms: 3 * 60_000, lookMs: 15_000 }

/** This many looks may be missed: a busy process can be late too. */
const LATE = 3

export class LeaseClock {
  readonly #lookMs: number
  #last: number

  /** @param now - Wall clock, in ms. */
  constructor({ lookMs }: LeaseTimes, now: number) {
    this.#lookMs = lookMs
    this.#last = now
  }

  /** Whether about `lookMs` have passed since the last call; to be called every `lookMs`. */
  isSteady(now: number): boolean {
    const late = now - this.#last - this.#lookMs
    this.#last = now
    return late <= LATE * this.#lookMs && late >= -2 * this.#lookMs
  }
}
