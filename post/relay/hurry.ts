// For a program that is about to end. From then on it waits at most half a second for the relay,
// also for a request sent before. After one that took longer, it waits for no other at all.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** How long a program that ends waits for a relay, in ms. */
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

  /**
   * The result of `work`, or of `otherwise` if the program is about to end and `work` takes too
   * long. `work` goes on.
   */
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
