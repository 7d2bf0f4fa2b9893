// `process.stdin` of a cell: reading it asks the person, by the input box, one line at a time.
// It asks only when somebody waits for a line, and it never ends for good: the next cell can read
// it again.
import { Buffer } from 'node:buffer'
import process from 'node:process'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { bridge } from '../../api/bridge.ts'
import type { CurrentCell } from '../../api/bridge.ts'
import { input } from '../../api/input.ts'
import { Error, Reflect, Symbol } from '../../api/primordials.ts'
import { isEndOfInput } from '../../api/unanswered.ts'

export class AskedInput extends Readable {
  /** fd of the standard stream. */
  readonly fd = 0
  readonly #isWanted: () => boolean
  #isRead = false
  #isAsking = false
  #isWoken = false
  /** The cell whose question failed: it is not asked again. */
  #failedIn: CurrentCell | undefined

  /** @param isWanted - Whether somebody waits for a line; by default, whether anybody listens. */
  constructor(isWanted?: () => boolean) {
    super({ highWaterMark: 0 })
    this.#isWanted =
      isWanted ?? (() => this.listenerCount('data') + this.listenerCount('readable') > 0)
    this.on('newListener', (name) => {
      if (name === 'keypress') {
        throw new Error(
          'a cell cannot ask for single keys: ask for a line, by await input(question) or prompt(question)',
        )
      }
      this.wake()
    })
  }

  override _read(): void {
    this.#isRead = true
    this.wake()
  }

  /**
   * Asks once everything that runs now is done, if somebody waits then: the reader of the last
   * line may want no other. The cell ends after it.
   */
  wake(): void {
    if (this.#isWoken) return
    this.#isWoken = true
    void bridge('stdin').track(this.#turn())
  }

  async #turn(): Promise<void> {
    await setImmediate()
    this.#isWoken = false
    const isFree = this.#isRead && !this.#isAsking && this.#failedIn !== bridge('stdin').cell()
    if (isFree && this.#isWanted()) await this.#ask()
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    try {
      const line = await input()
      this.#isRead = false
      this.push(`${line}\n`)
    } catch (error) {
      this.#failedIn = bridge('stdin').cell()
      // Ended, not closed: the next cell may ask again.
      if (isEndOfInput(error)) this.emit('end')
      else this.emit('error', error)
    } finally {
      this.#isAsking = false
    }
  }

  /** One question for each line that is taken. */
  override async *[Symbol.asyncIterator](): NodeJS.AsyncIterator<string | Buffer, undefined> {
    for (;;) {
      const line = await lineOrEnd()
      if (line === undefined) return undefined
      yield this.readableEncoding ? `${line}\n` : Buffer.from(`${line}\n`)
    }
  }
}

/** Undefined once the person has ended the input. */
export async function lineOrEnd(): Promise<string | undefined> {
  try {
    return await input()
  } catch (error) {
    if (isEndOfInput(error)) return undefined
    throw error
  }
}

export function installStdin(): void {
  const stdin = new AskedInput()
  Reflect.defineProperty(process, 'stdin', {
    get: () => stdin,
    enumerable: true,
    configurable: true,
  })
}
