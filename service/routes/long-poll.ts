// Requests that wait: answered at once when what they wait for is there, when their time is up, when the client has gone, and when the
// relay closes.
import type { Request, Response } from 'express'

import { RelayError } from '../errors.ts'
import { personOf } from './guard.ts'

const MOST_WAIT_S = 30
/** Each is an open connection. */
const MOST = 2000
/** Of one person: a notebook waits for one answer, and each running cell for what is said to it. */
const MOST_OF_ONE = 100

export interface Wait {
  isOver: () => boolean
  /** Calls back when that may have changed. Returns the function that ends it. */
  onChange: (look: () => void) => () => void
}

export class LongPolls {
  /** What ends each, with the name of the person. */
  readonly #open = new Map<() => void, string>()
  #isClosed = false

  /**
   * Waits as long as `?wait=` says; the caller answers then, whatever the state.
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

  /** Ends all, now and from now on: the relay is closing, and a server waits for its connections. */
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
