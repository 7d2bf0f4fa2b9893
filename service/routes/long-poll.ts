// Requests that wait for news. They end when the news is there, when their time is up, when the
// client has gone, or when the relay closes.
import type { Request, Response } from 'express'

import { RelayError } from '../errors.ts'
import { personOf } from './guard.ts'

/** Requests that wait at the same time; each is an open connection. */
const MOST = 2000
/** The same for one person: a notebook waits for an answer, and each running cell for commands. */
const MOST_OF_ONE = 100

export interface Wait {
  seconds: number
  isOver: () => boolean
  /** Calls `look` when `isOver` may have changed. Returns the function that removes it. */
  onChange: (look: () => void) => () => void
}

export class LongPolls {
  /** The function that ends a request -> the name of the person. */
  readonly #open = new Map<() => void, string>()
  #isClosed = false

  /**
   * Waits until `isOver`, but not longer than asked. Either way, the caller answers then. A `HEAD`
   * request has no answer to wait for.
   * @throws {RelayError} `busy`
   */
  async wait(request: Request, response: Response, wait: Wait): Promise<void> {
    const { seconds, isOver, onChange } = wait
    if (isOver() || seconds === 0 || request.method === 'HEAD') return
    const { name } = personOf(response)
    this.#checkRoom(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    if (this.#isClosed) resolve()
    const timer = setTimeout(resolve, seconds * 1000)
    const unsubscribe = onChange(() => {
      if (isOver()) resolve()
    })
    response.once('close', resolve)
    this.#open.set(resolve, name)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      unsubscribe()
      response.off('close', resolve)
      this.#open.delete(resolve)
    }
  }

  /** Ends all waiting, now and later: the relay is closing, and its server waits for requests. */
  close(): void {
    this.#isClosed = true
    for (const end of this.#open.keys()) end()
  }

  #checkRoom(name: string): void {
    const own = [...this.#open.values()].filter((other) => other === name).length
    if (this.#open.size < MOST && own < MOST_OF_ONE) return
    throw new RelayError(
      'busy',
      `At most ${MOST_OF_ONE} requests of one person and ${MOST} in all wait at once; try again in 5 s`,
      { retryAfter: 5 },
    )
  }
}
