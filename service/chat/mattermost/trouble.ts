// Tells once what is wrong with the site: one line when requests begin to fail for a reason other
// than the post, one when they work again, however many posts are tried meanwhile.

/** After this time without such a request, nothing is known about its kind. */
const FORGOTTEN_MS = 10 * 60_000

export interface TroubleOptions {
  /** Told in a sentence without secrets. */
  note: (words: string) => void
  /** ms that never go back. */
  monotonic: () => number
}

export class Trouble {
  readonly #options: TroubleOptions
  /** By kind of request: a proxy may let reads pass and refuse uploads. */
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

  /** What fails at present, in words; undefined if nothing does. */
  current(): string | undefined {
    const since = this.#options.monotonic() - FORGOTTEN_MS
    return this.#failing.values().find(({ at }) => at > since)?.words
  }
}
