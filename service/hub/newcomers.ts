// How often the Hub is asked about tokens that it never accepted, as somebody who guesses sends
// them. Those that it accepted before are asked about without a limit.
import { RelayError } from '../errors.ts'

const WINDOW_MS = 60_000
/** From one address: a whole class may start at once, and what the Hub accepts is given back. */
const MOST_OF_ONE = 300
/** From all together: addresses can be made up (address.ts). */
const MOST = 3000
/** Questions that the Hub has not answered yet may soon be given back. */
const SOON_MS = 2000

export class Newcomers {
  readonly #monotonic: () => number
  readonly #counts = new Map<string, number>()
  #total = 0
  /** How many of them the Hub has not answered yet. */
  #open = 0
  #until = 0

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /**
   * Counts a question to the Hub.
   * @returns To be called when it has answered. It takes the question back unless the Hub refused
   * the token.
   * @throws {RelayError} `too_many`, with the seconds to wait
   */
  ask(address: string): (isRefused: boolean) => void {
    const now = this.#monotonic()
    if (now >= this.#until) {
      this.#counts.clear()
      this.#total = 0
      this.#until = now + WINDOW_MS
    }
    const own = this.#counts.get(address) ?? 0
    const rest = this.#open > 0 ? Math.min(SOON_MS, this.#until - now) : this.#until - now
    if (own >= MOST_OF_ONE) throw tooMany('from one address', rest)
    if (this.#total >= MOST) throw tooMany('together', rest)
    const window = this.#until
    this.#counts.set(address, own + 1)
    this.#total += 1
    this.#open += 1
    return (isRefused) => {
      this.#open -= 1
      if (isRefused || window !== this.#until) return
      this.#counts.set(address, (this.#counts.get(address) ?? 1) - 1)
      this.#total -= 1
    }
  }
}

function tooMany(whose: string, ms: number): RelayError {
  const retryAfter = Math.ceil(ms / 1000)
  const words = `Too many tokens came ${whose} that the Hub does not know; yours is looked up again in ${retryAfter} s`
  return new RelayError('too_many', words, { retryAfter })
}
