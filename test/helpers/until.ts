// How tests wait for a condition or an event, with a limit. When it is reached they say what they
// waited for and what they saw.
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'

/** ms: only ever reached by a bug, and below jest's own limit, which has no words. */
const LIMIT = 20_000
/** ms between two looks. */
const PAUSE = 10

export interface WaitOptions {
  /** What there is to see, for the error. */
  saw?: () => unknown
  limit?: number
}

/**
 * Looks again and again.
 * @param words - What is waited for, as in "the post is delivered".
 * @returns the first value that is neither undefined nor false.
 * @throws {Error} with the words and what was seen (default: the last value) after `limit` ms.
 */
export async function until<Value>(
  look: () => Value | Promise<Value>,
  words: string,
  options: WaitOptions = {},
): Promise<Exclude<Value, undefined | false>> {
  let last: Value | undefined
  const over = new AbortController()
  const looking = async () => {
    for (;;) {
      const value = await look()
      if (isThere(value)) return value
      last = value
      await delay(PAUSE, undefined, { signal: over.signal })
    }
  }
  try {
    return await within(looking(), words, { saw: () => last, ...options })
  } finally {
    over.abort()
  }
}

/** What tells of each change, so that a state that soon passes is seen. */
export class Changes {
  readonly #looks = new Set<() => void>()

  /** To be called after each change. */
  tell(): void {
    for (const look of this.#looks) look()
  }

  /** Like `until()`, but looks after each change. */
  async until<Value>(
    look: () => Value,
    words: string,
    options: WaitOptions = {},
  ): Promise<Exclude<Value, undefined | false>> {
    const { promise, resolve } = Promise.withResolvers<Exclude<Value, undefined | false>>()
    const lookAgain = () => {
      const value = look()
      if (isThere(value)) resolve(value)
    }
    this.#looks.add(lookAgain)
    lookAgain()
    try {
      return await within(promise, words, options)
    } finally {
      this.#looks.delete(lookAgain)
    }
  }
}

/**
 * Waits for an event.
 * @throws {Error} with the words and what was seen, once `limit` ms went by.
 */
export async function within<Value>(
  event: PromiseLike<Value>,
  words: string,
  { saw, limit = LIMIT }: WaitOptions = {},
): Promise<Value> {
  const over = new AbortController()
  const late = async () => {
    await delay(limit, undefined, { signal: over.signal })
    const seen = inspect(saw?.(), { depth: 6, breakLength: Infinity })
    throw new Error(`waited ${limit / 1000} s in vain: ${words}; saw ${seen}`)
  }
  try {
    return await Promise.race([event, late()])
  } finally {
    over.abort()
  }
}

function isThere<Value>(value: Value): value is Exclude<Value, undefined | false> {
  return value !== undefined && value !== false
}
