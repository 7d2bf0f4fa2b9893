// Waits until no cell came for a while: what is not urgent must not slow down cells that run one
// right after the other.

/** ms without another cell. */
const QUIET = 100

export class Calm {
  #isReached = true
  #timer: NodeJS.Timeout | undefined
  #waiting: Array<() => void> = []

  /** A cell came. */
  disturb(): void {
    this.#isReached = false
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.hurry(), QUIET).unref()
  }

  /** Somebody waits: it is calm enough. */
  hurry(): void {
    clearTimeout(this.#timer)
    this.#isReached = true
    for (const go of this.#waiting.splice(0)) go()
  }

  async reached(): Promise<void> {
    if (!this.#isReached) await new Promise<void>((go) => this.#waiting.push(go))
  }
}
