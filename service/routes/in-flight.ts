// Counts the bytes of request bodies that are being read or handled. They are in memory, so there
// is a limit.
import { RelayError } from '../errors.ts'

/** Room for eight of the largest posts at once. */
const MOST_BYTES = 512 * 1024 * 1024

export class InFlight {
  readonly #mostOfOne: number
  readonly #ofOne = new Map<string, number>()
  #bytes = 0

  /** @param mostOfOne - Limit in bytes for one person, so that nobody keeps others out. */
  constructor(mostOfOne: number) {
    this.#mostOfOne = mostOfOne
  }

  /**
   * Counts a body until the returned function is called. It must be called once.
   * @throws {RelayError} `busy` if this is more than the limit.
   */
  add(person: string, bytes: number): () => void {
    if (this.#bytes + bytes > MOST_BYTES)
      throw busy('The relay is receiving many large posts; try again in 2 s')
    const own = this.#ofOne.get(person) ?? 0
    if (own + bytes > this.#mostOfOne)
      throw busy('The relay is still receiving other large posts of yours; try again in 2 s')
    this.#bytes += bytes
    this.#ofOne.set(person, own + bytes)
    return () => this.#end(person, bytes)
  }

  #end(person: string, bytes: number): void {
    this.#bytes -= bytes
    const left = (this.#ofOne.get(person) ?? 0) - bytes
    if (left > 0) this.#ofOne.set(person, left)
    else this.#ofOne.delete(person)
  }
}

function busy(words: string): RelayError {
  return new RelayError('busy', words, { retryAfter: 2 })
}
