// How much a worker may do at one chat service at the same time. A service that is away or asks for
// a rest pauses as a whole: trying each of its lanes would only tell the same again and again.
import { ChatError } from '../errors.ts'
import { retryDelay } from './retry.ts'

/** The answers of a gateway whose site is away, and 429 of a service that has enough. */
const AWAY: ReadonlySet<number> = new Set([0, 429, 502, 503, 504])

/** A service is tried again after 32 s at the latest, if it does not ask for more. */
const MOST_FAILURES = 6

export class ServiceSlots {
  /** Jobs under way. */
  running = 0
  readonly #most: number
  /** Failures in a row that paused it. */
  #failures = 0
  #pausedUntil = 0

  /** @param most - Jobs at the same time, from 1. */
  constructor(most: number) {
    this.#most = most
  }

  /** How many jobs may begin. After a pause one job tries whether the service is back. */
  free(now: number): number {
    if (now < this.#pausedUntil) return 0
    return Math.max(0, (this.#failures > 0 ? 1 : this.#most) - this.running)
  }

  /** When the pause ends, on the clock of `now`; undefined if there is none. */
  pausedUntil(now: number): number | undefined {
    return now < this.#pausedUntil ? this.#pausedUntil : undefined
  }

  /** The service did something, or refused one post for a reason of that post. */
  answered(now: number): void {
    // In a pause, the answer is to a job that began before it.
    if (now >= this.#pausedUntil) this.#failures = 0
  }

  /** @returns Milliseconds until the service is tried again; undefined if it goes on. */
  failed(error: ChatError, now: number, random: number): number | undefined {
    if (!error.retryable || !(AWAY.has(error.status) || error.retryAfterMs !== undefined)) {
      this.answered(now)
      return undefined
    }
    // Jobs that began before the pause fail for the same reason.
    if (now >= this.#pausedUntil) this.#failures += 1
    const wait = retryDelay(Math.min(this.#failures, MOST_FAILURES), random, error.retryAfterMs)
    this.#pausedUntil = Math.max(this.#pausedUntil, now + wait)
    return this.#pausedUntil - now
  }
}
