// What the Hub said about tokens, for a while. Those that it accepted and those that it refused are
// remembered apart, so that a flood of made-up tokens pushes no real one out.
import { RelayError } from '../errors.ts'
import { sha256 } from '../storage/digest.ts'
import { Newcomers } from './newcomers.ts'

/** A revoked token stops working within this time. */
const GOOD_MS = 60_000
/** Short, so that a token that was just granted need not wait long. */
const BAD_MS = 5000
/** Tokens of each kind. */
const MOST = 10_000

interface Known<Answer> {
  answer: Answer
  /** ms of the monotonic clock: a wall clock set back would keep a revoked token alive. */
  until: number
}

interface Question<Answer> {
  /** Asks the Hub. */
  ask: () => Promise<Answer>
  /** Whether what was answered before still holds; it does if this is left out. */
  isStill?: (known: Answer) => boolean
  /** Whether it is remembered as long as others, and not only as long as a refusal. */
  isLasting?: (answer: Answer) => boolean
}

export class TokenAnswers<Answer> {
  readonly #monotonic: () => number
  readonly #newcomers: Newcomers
  /** By SHA-256 of the token. They stay when their time is over: the Hub accepted them once. */
  readonly #accepted = new Map<string, Known<Answer>>()
  readonly #refused = new Map<string, Known<RelayError>>()
  readonly #asking = new Map<string, Promise<Answer>>()

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
    this.#newcomers = new Newcomers(monotonic)
  }

  /**
   * The answer about a token; checks of one token at the same time are one question to the Hub.
   * @param address - Where the token came from.
   * @throws {RelayError} what `ask` throws; `too_many` if too many unknown tokens came
   */
  async of(token: string, address: string, question: Question<Answer>): Promise<Answer> {
    const key = sha256(token)
    const now = this.#monotonic()
    const accepted = this.#accepted.get(key)
    if (accepted && accepted.until > now && question.isStill?.(accepted.answer) !== false)
      return accepted.answer
    const refused = this.#refused.get(key)
    if (refused && refused.until > now) throw refused.answer
    return this.#asking.get(key) ?? this.#ask(key, accepted ? undefined : address, question)
  }

  /** @param address - Undefined for a token that the Hub accepted before. */
  #ask(key: string, address: string | undefined, question: Question<Answer>): Promise<Answer> {
    const answered = address === undefined ? () => undefined : this.#newcomers.ask(address)
    const asking = this.#remember(key, answered, question).finally(() => this.#asking.delete(key))
    this.#asking.set(key, asking)
    return asking
  }

  async #remember(
    key: string,
    answered: (isRefused: boolean) => void,
    { ask, isLasting }: Question<Answer>,
  ): Promise<Answer> {
    try {
      const answer = await ask()
      answered(false)
      this.#refused.delete(key)
      const lasts = isLasting?.(answer) === false ? BAD_MS : GOOD_MS
      put(this.#accepted, key, { answer, until: this.#monotonic() + lasts })
      return answer
    } catch (error) {
      const isRefused = error instanceof RelayError && error.code !== 'hub_away'
      answered(isRefused)
      // A Hub that is away may be back at the next request.
      if (!isRefused) throw error
      this.#accepted.delete(key)
      put(this.#refused, key, { answer: error, until: this.#monotonic() + BAD_MS })
      throw error
    }
  }
}

/** The one that was put first makes room. */
function put<Answer>(known: Map<string, Known<Answer>>, key: string, one: Known<Answer>): void {
  known.delete(key)
  known.set(key, one)
  const oldest = known.keys().next()
  if (known.size > MOST && !oldest.done) known.delete(oldest.value)
}
