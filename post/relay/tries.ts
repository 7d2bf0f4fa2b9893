// Tries a request to a relay up to three times, within ten seconds in all. The time limit or the
// person's interrupt ends a try.
import limits from '../contract/limits.json' with { type: 'json' }
import { setTimeout as delay } from 'node:timers/promises'
import type FormData from 'form-data'
import { PostError } from '../contract/error.ts'
import { sentence } from '../contract/sentence.ts'
import { RelayAway } from './http.ts'

const { tries: TRIES, graceMs: GRACE_MS, firstPauseMs: FIRST_PAUSE_MS } = limits.request
/** Time limit of a request that is answered at once, in ms. */
export const TOTAL_MS = limits.request.totalMs

/**
 * Tries up to three times, within `totalMs` in all. Time in which the upload moves on does not
 * count, because a slow relay is not away.
 */
export async function withTries<T>(
  signal: AbortSignal | undefined,
  attempt: (clock: Clock) => Promise<T>,
  totalMs = TOTAL_MS,
): Promise<T> {
  let left = totalMs
  let bodySent = false
  const isInterrupted = () => signal?.aborted === true
  for (let number = 1; ; number += 1) {
    if (isInterrupted()) throw interrupted(bodySent, signal?.reason)
    const clock = new Clock(left, totalMs, signal)
    try {
      return await attempt(clock)
    } catch (error) {
      bodySent ||= clock.bodySent
      if (isInterrupted()) throw interrupted(bodySent, error)
      if (!(error instanceof RelayAway)) throw error
      left = clock.stop()
      const pause = Math.max(FIRST_PAUSE_MS * 2 ** (number - 1), error.retryAfterMs ?? 0)
      if (number === TRIES || pause >= left) throw error
      await pauseFor(pause, signal)
      left -= pause
    } finally {
      clock.stop()
    }
  }
}

/** An interrupt ends the pause early, without an error. */
async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

function interrupted(bodySent: boolean, cause: unknown): PostError {
  return new PostError('interrupted', sentence(bodySent ? 'interruptedUnknown' : 'interrupted'), {
    cause,
  })
}

/** Ends one try when its time is up, or when the person interrupts. */
export class Clock {
  /**
   * The whole body was sent, so the relay may have stored it: after an interrupt, waits `GRACE_MS`
   * for its answer.
   */
  bodySent = false
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #totalMs: number
  #timer: NodeJS.Timeout
  #left: number
  #stopped = false
  #startedAt = performance.now()
  readonly #onAbort = (): void => {
    clearTimeout(this.#timer)
    if (!this.bodySent) this.#controller.abort(this.#outer?.reason)
    else this.#timer = setTimeout(() => this.#controller.abort(this.#outer?.reason), GRACE_MS)
  }

  constructor(left: number, totalMs: number, outer: AbortSignal | undefined) {
    this.#left = left
    this.#totalMs = totalMs
    this.#outer = outer
    this.#timer = this.#start()
    outer?.addEventListener('abort', this.#onAbort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Restarts the time limit whenever a part of this body is sent. */
  standDuring(body: FormData): void {
    body.on('data', () => {
      // The body of a failed try may still be running.
      if (this.#stopped) return
      clearTimeout(this.#timer)
      this.#startedAt = performance.now()
      this.#timer = this.#start()
    })
    body.once('end', () => {
      this.bodySent = true
    })
  }

  /** @returns The milliseconds left for further tries. */
  stop(): number {
    if (this.#stopped) return this.#left
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#onAbort)
    this.#left = Math.max(0, this.#left - (performance.now() - this.#startedAt))
    return this.#left
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#controller.abort(
        new RelayAway(sentence('noAnswerInTime', { seconds: this.#totalMs / 1000 })),
      )
    }, this.#left)
  }
}
