// Counts within a fixed time: a key's window begins with what it counts first. It keeps only
// windows that are not over, so its size is that of what came within one.

interface Open {
  used: number
  until: number
}

export class Windows {
  readonly #ms: number
  readonly #monotonic: () => number
  /** In the order in which they end, because all take the same time. */
  readonly #open = new Map<string, Open>()

  /** @param monotonic - Milliseconds that never go back. */
  constructor(ms: number, monotonic: () => number) {
    this.#ms = ms
    this.#monotonic = monotonic
  }

  /** How many keys it remembers. */
  get size(): number {
    return this.#open.size
  }

  used(key: string): number {
    return this.#current(key)?.used ?? 0
  }

  /** Milliseconds until the key's window is over; 0 if it has none. */
  restMs(key: string): number {
    const open = this.#current(key)
    return open ? open.until - this.#monotonic() : 0
  }

  /** @param points - Below 0 to give back. */
  add(key: string, points: number): void {
    this.#forget()
    const open = this.#current(key)
    if (open) open.used = Math.max(0, open.used + points)
    else if (points > 0) this.#open.set(key, { used: points, until: this.#monotonic() + this.#ms })
  }

  #current(key: string): Open | undefined {
    const open = this.#open.get(key)
    return open && open.until > this.#monotonic() ? open : undefined
  }

  #forget(): void {
    const now = this.#monotonic()
    for (const [key, { until }] of this.#open) {
      if (until > now) return
      this.#open.delete(key)
    }
  }
}
