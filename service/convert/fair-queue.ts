// One after another, and fair by time: next is whoever has used the least time so far. So a picture
// that hangs costs its own person, and others wait for one such picture at most.

interface Waiting {
  person: string
  begin: () => void
}

/** Who wants something done, and the time that it took. */
export interface Account {
  person: string
  /** ms of all that was done on it, without the time in which it waited. */
  ms: number
}

export class FairQueue {
  readonly #now: () => number
  /** Person -> ms used, counted from a common start; less than `#floor` counts as that. */
  readonly #used = new Map<string, number>()
  #waiting: Waiting[] = []
  /** ms that the person had used who was served last: nobody saves up more than that. */
  #floor = 0
  #isBusy = false

  /** @param now - ms of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Waits for its turn, then does the work and charges the time. */
  async run<T>(account: Account, work: () => Promise<T>): Promise<T> {
    await this.#turn(account.person)
    const since = this.#now()
    try {
      return await work()
    } finally {
      const ms = this.#now() - since
      account.ms += ms
      this.#used.set(account.person, this.#usedBy(account.person) + ms)
      this.#next()
    }
  }

  #usedBy(person: string): number {
    return Math.max(this.#floor, this.#used.get(person) ?? 0)
  }

  async #turn(person: string): Promise<void> {
    if (this.#isBusy) {
      await new Promise<void>((begin) => this.#waiting.push({ person, begin }))
    } else {
      this.#isBusy = true
    }
    this.#floor = this.#usedBy(person)
  }

  #next(): void {
    const [first] = this.#waiting.toSorted(
      (one, other) => this.#usedBy(one.person) - this.#usedBy(other.person),
    )
    if (first) {
      this.#waiting = this.#waiting.filter((one) => one !== first)
      first.begin()
      return
    }
    this.#isBusy = false
    // Nobody waits, so nobody is owed anything.
    this.#used.clear()
    this.#floor = 0
  }
}
