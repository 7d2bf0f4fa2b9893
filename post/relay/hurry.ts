// A program that is about to end: from then on what a relay does not take within half a second is given up, also what was under way
// before; and once it did not take one thing in time, nothing else waits for it.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** How long a program that ends waits for a relay. */
const HURRY_MS = 500

export class Hurry {
  readonly #begun = new AbortController()
  #isTooSlow = false

  get isOn(): boolean {
    return this.#begun.signal.aborted
  }

  begin(): void {
    this.#begun.abort()
  }

  /** What `work` gives, or in a hurry, if it takes too long, `otherwise`. `work` goes on. */
  async inTime<T>(work: Promise<T>, otherwise: () => T | Promise<T>): Promise<T> {
    const done = new AbortController()
    const late = this.#tooLong(done.signal).then(otherwise)
    try {
      return await Promise.race([work, late])
    } finally {
      done.abort()
    }
  }

  async #tooLong(signal: AbortSignal): Promise<void> {
    if (!this.isOn) await once(this.#begun.signal, 'abort', { signal })
    await delay(this.#isTooSlow ? 0 : HURRY_MS, undefined, { signal })
    this.#isTooSlow = true
  }
}
