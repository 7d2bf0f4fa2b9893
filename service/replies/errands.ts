// Work beside the requests that nobody waits for. There is one errand of a name at a time, and
// `ended` waits for all of them.

export interface ErrandsDeps {
  /** Called after each errand, with its name: it may have made another one necessary. */
  done: (name: string) => void
  failed: (error: unknown) => void
}

export class Errands {
  readonly #deps: ErrandsDeps
  readonly #running = new Map<string, Promise<void>>()

  constructor(deps: ErrandsDeps) {
    this.#deps = deps
  }

  /** Does nothing while one of that name runs. */
  run(name: string, work: () => Promise<void>): void {
    if (!this.#running.has(name)) this.#running.set(name, this.#finish(name, work))
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running.values())
  }

  async #finish(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#running.delete(name)
      this.#deps.done(name)
    } catch (error) {
      this.#running.delete(name)
      this.#deps.failed(error)
    }
  }
}
