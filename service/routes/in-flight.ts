// Counts the bytes of request bodies that are in memory, as they come: what a request says about
// its size reserves nothing. What is large goes to the disk; what cannot is limited.
import { RelayError } from '../errors.ts'

const MB = 1024 * 1024
/** Beyond these, files go to the disk whatever their size. */
const TIGHT = 32 * MB
const TIGHT_OF_ONE = 8 * MB
/** Room for three of the largest manifests of one person, and for as many of another. */
const MOST = 128 * MB
const MOST_OF_ONE = 64 * MB

export class InFlight {
  readonly #ofOne = new Map<string, number>()
  #bytes = 0

  open(person: string): Reservation {
    return new Reservation({
      add: (bytes) => this.#add(person, bytes),
      isTight: () => this.#bytes > TIGHT || this.#of(person) > TIGHT_OF_ONE,
    })
  }

  #of(person: string): number {
    return this.#ofOne.get(person) ?? 0
  }

  /** @throws {RelayError} `busy` if this is more than the limit. */
  #add(person: string, bytes: number): void {
    const own = this.#of(person) + bytes
    if (bytes > 0 && this.#bytes + bytes > MOST)
      throw busy('The relay is receiving many large posts; try again in 2 s')
    if (bytes > 0 && own > MOST_OF_ONE)
      throw busy('The relay is still receiving other large posts of yours; try again in 2 s')
    this.#bytes += bytes
    if (own > 0) this.#ofOne.set(person, own)
    else this.#ofOne.delete(person)
  }
}

/** What one request has in memory. */
export class Reservation {
  readonly #all: { add: (bytes: number) => void; isTight: () => boolean }
  #bytes = 0
  #isOver = false

  constructor(all: { add: (bytes: number) => void; isTight: () => boolean }) {
    this.#all = all
  }

  /** Whether memory is scarce, so that what can go to the disk should. */
  get isTight(): boolean {
    return this.#all.isTight()
  }

  /** @throws {RelayError} `busy` */
  grow(bytes: number): void {
    if (this.#isOver) return
    this.#all.add(bytes)
    this.#bytes += bytes
  }

  /** They are on the disk now. */
  shrink(bytes: number): void {
    if (this.#isOver) return
    const some = Math.min(bytes, this.#bytes)
    this.#all.add(-some)
    this.#bytes -= some
  }

  end(): void {
    this.shrink(this.#bytes)
    this.#isOver = true
  }
}

function busy(words: string): RelayError {
  return new RelayError('busy', words, { retryAfter: 2 })
}
