// Bytes of request bodies that are being read or handled now: they are in memory, and there is a
// limit to it.
import { RelayError } from '../errors.ts'

/** Eight of the largest posts at once. */
const MOST_BYTES = 512 * 1024 * 1024

export class InFlight {
  readonly #mostOfOne: number
  readonly #ofOne = new Map<string, number>()
  #bytes = 0

  /** @param mostOfOne - Bytes of one person: nobody keeps the others out. */
  constructor(mostOfOne: number) {
    this.#mostOfOne = mostOfOne
  }

  /**
   * Counts a body until what this returns is called, once.
   * @throws {RelayError} `busy` if there are too many.
   */
  add(person: string, bytes: number): () => void {
    if (this.#bytes + bytes > MOST_BYTES)
      throw busy('The relay is taking many large posts; try again in 2 s')
    const own = this.#ofOne.get(person) ?? 0
    if (own + bytes > this.#mostOfOne)
      throw busy('The relay is still taking large posts of yours; try again in 2 s')
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
