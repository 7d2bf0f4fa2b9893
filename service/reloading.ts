// What a SIGHUP makes the relay read anew: the one place of that signal. Each part says what it
// read; one that finds something wrong keeps what it had.
import { messageOf } from '../post/contract/error.ts'
import type { Log } from './log.ts'

/** @returns What was done, as a sentence. @throws {Error} whose message says what is wrong. */
export type Reload = () => string | Promise<string>

export class Reloading {
  readonly #log: Log
  readonly #parts = new Map<string, Reload>()

  constructor(log: Log) {
    this.#log = log
  }

  /** A part that is added again, by a relay that had to begin anew, replaces its first. */
  add(name: string, reload: Reload): void {
    this.#parts.set(name, reload)
  }

  /** Never throws. */
  async run(): Promise<void> {
    for (const [part, reload] of this.#parts) {
      try {
        this.#log.warn({ part }, `reloaded: ${await reload()}`)
      } catch (error) {
        this.#log.error({ part, error: messageOf(error) }, 'not reloaded')
      }
    }
  }
}
