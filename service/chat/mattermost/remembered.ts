// Answers of the server that are kept for as long as they can be trusted: for a minute, and longer
// only while the websocket tells what changes. What does not exist is asked again each time, so
// that somebody who was just invited is not refused.

/** ms for which an answer is trusted whatever happens, and while changes are heard. */
const BRIEFLY = 60_000
const LONGEST = 60 * 60_000
/** Answers of one kind; the oldest make room. */
const MOST = 20_000

export interface TrustOptions {
  /** ms that never go back. */
  monotonic: () => number
  /** Whether the websocket is up. */
  isHearing: () => boolean
}

export class Trust {
  readonly #options: TrustOptions
  /** Counts the gaps in what was heard: answers from before a gap count no more. */
  #era = 0
  /** Counts what was heard: an answer that was on its way meanwhile may be older than that. */
  #changes = 0

  constructor(options: TrustOptions) {
    this.#options = options
  }

  /** Changes may have been missed. */
  missed(): void {
    this.#era += 1
    this.#changes += 1
  }

  changed(): void {
    this.#changes += 1
  }

  get changes(): number {
    return this.#changes
  }

  stamp(): Stamp {
    return { at: this.#options.monotonic(), era: this.#era }
  }

  /** @param isTold - Whether the websocket tells changes of this answer. */
  isFresh({ at, era }: Stamp, isTold: boolean): boolean {
    if (era !== this.#era) return false
    const age = this.#options.monotonic() - at
    return age < (isTold && this.#options.isHearing() ? LONGEST : BRIEFLY)
  }
}

export interface Stamp {
  at: number
  era: number
}

export class Remembered<Value> {
  readonly #trust: Trust
  readonly #isTold: (value: Value, key: string) => boolean
  /** The oldest answer comes first. */
  readonly #entries = new Map<string, { value: Value; stamp: Stamp }>()

  /** @param isTold - Whether the websocket tells changes of this answer; default: of all. */
  constructor(trust: Trust, isTold: (value: Value, key: string) => boolean = () => true) {
    this.#trust = trust
    this.#isTold = isTold
  }

  /** The answer, from memory or by `ask`; undefined if there is no such thing. */
  async get(key: string, ask: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const known = this.known(key)
    if (known !== undefined) return known
    const { changes } = this.#trust
    const value = await ask()
    if (value !== undefined && changes === this.#trust.changes) this.#keep(key, value)
    return value
  }

  known(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    const isTold = this.#isTold(entry.value, key)
    return this.#trust.isFresh(entry.stamp, isTold) ? entry.value : undefined
  }

  forget(isGone: (value: Value, key: string) => boolean): void {
    for (const [key, { value }] of this.#entries) if (isGone(value, key)) this.#entries.delete(key)
  }

  #keep(key: string, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, stamp: this.#trust.stamp() })
    if (this.#entries.size <= MOST) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
