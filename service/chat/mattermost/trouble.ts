// What is wrong with the site, told once: a line when requests begin to fail for a reason that is none of a post's, and one when they work
// again, however many posts try meanwhile.

/** Of a kind of request that nobody sent for so long, nothing is known. */
const FORGOTTEN_MS = 10 * 60_000

export interface TroubleOptions {
  /** Told in a sentence without secrets. */
  note: (words: string) => void
  /** Milliseconds, never back. */
  monotonic: () => number
}

export class Trouble {
  readonly #options: TroubleOptions
  /** By kind of request: a proxy may let reading pass and refuse uploads. */
  readonly #failing = new Map<string, { words: string; at: number }>()

  constructor(options: TroubleOptions) {
    this.#options = options
  }

  failed(kind: string, words: string): void {
    if (this.#failing.size === 0) this.#options.note(words)
    this.#failing.set(kind, { words, at: this.#options.monotonic() })
  }

  worked(kind: string): void {
    if (this.#failing.delete(kind) && this.#failing.size === 0)
      this.#options.note('Mattermost answers again')
  }

  /** What fails, in words; undefined if nothing does. */
  current(): string | undefined {
    const since = this.#options.monotonic() - FORGOTTEN_MS
    return this.#failing.values().find(({ at }) => at > since)?.words
  }
}
