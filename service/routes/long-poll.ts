// Requests that wait for news. They end when the news is there, when their time is up, when the
// client has gone, or when the relay closes.
import type { Request, Response } from 'express'

import { RelayError } from '../errors.ts'
import { personOf } from './guard.ts'

const MOST_WAIT_S = 30
/** Requests that wait at the same time; each is an open connection. */
const MOST = 2000
/** The same for one person: a notebook waits for an answer, and each running cell for commands. */
const MOST_OF_ONE = 100

export interface Wait {
  isOver: () => boolean
  /** Calls `look` when `isOver` may have changed. Returns the function that removes it. */
  onChange: (look: () => void) => () => void
}

export class LongPolls {
  /** The function that ends a request -> the name of the person. */
  readonly #open = new Map<() => void, string>()
  #isClosed = false

  /**
   * Waits until `isOver`, but not longer than `?wait=` says. Either way, the caller answers then.
   * @throws {RelayError} `bad_request`, `busy`
   */
  async wait(request: Request, response: Response, { isOver, onChange }: Wait): Promise<void> {
    const ms = waitOf(request) * 1000
    if (ms === 0 || isOver()) return
    const { name } = personOf(response)
    this.#checkRoom(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    if (this.#isClosed) resolve()
    const timer = setTimeout(resolve, ms)
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

function waitOf(request: Request): number {
  const { wait = '0' } = request.query
  const seconds = typeof wait === 'string' && /^\d{1,2}$/.test(wait) ? Number(wait) : Number.NaN
  if (seconds <= MOST_WAIT_S) return seconds
  throw new RelayError(
    'bad_request',
    `Expected wait to be 0 to ${MOST_WAIT_S} seconds, got ${JSON.stringify(wait)}`,
  )
}
