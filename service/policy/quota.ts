// How much one person may post. Generous: it is there to stop a runaway loop. In memory: a restart
// forgives.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

import type { Goal } from '../chat/goal.ts'
import { RelayError } from '../errors.ts'

export interface Quota {
  /** Posts (targets) per person and minute. */
  postsPerMinute: number
  /** Bytes of files per person and hour. */
  bytesPerHour: number
  /** Posts to other people at a chat service, per person and day (docs/spec.md 5.4). */
  directPerDay: number
}

export const DEFAULT_QUOTA: Quota = {
  postsPerMinute: 300,
  bytesPerHour: 2 * 1024 ** 3,
  directPerDay: 50,
}

/** A refused request costs as many posts at least: the chat is asked many times for the nearest. */
const REFUSED_POST = 5

const REFUSED: ReadonlySet<string> = new Set(['unknown_target', 'not_allowed'])

/** What one request costs, besides the look-up of its targets. */
export interface Spending {
  bytes: number
  /** How many of the targets are other people. */
  direct: number
}

/** What posting to these targets costs once they were looked up. */
export function costOf(
  goals: readonly Pick<Goal, 'target' | 'service' | 'destination'>[],
  bytes: number,
): Spending {
  const direct = goals.filter(({ service, target, destination }) => {
    const { poster, person = poster } = destination?.accounts ?? {}
    return service !== 'inbox' && (target.kind === 'person' || person !== poster)
  })
  return { bytes, direct: direct.length }
}

export class Quotas {
  readonly #posts: RateLimiterMemory
  readonly #bytes: RateLimiterMemory
  readonly #direct: RateLimiterMemory
  readonly #directPerDay: number

  constructor(quota: Quota) {
    this.#posts = new RateLimiterMemory({ points: quota.postsPerMinute, duration: 60 })
    // Counts only: how many are allowed depends on the person.
    this.#direct = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: 86_400 })
    this.#directPerDay = quota.directPerDay
    this.#bytes = new RateLimiterMemory({ points: quota.bytesPerHour, duration: 3600 })
  }

  /**
   * Counts posts to these targets before they are looked up: that asks the chat, whether there is
   * such a target or not.
   *
   * @throws {RelayError} `too_many`, with the seconds to wait, or what `lookUp` throws
   */
  async lookUp<Found>(
    person: string,
    targets: number,
    lookUp: () => Promise<Found>,
  ): Promise<Found> {
    await this.posts(person, targets)
    try {
      return await lookUp()
    } catch (error) {
      const isRefused = error instanceof RelayError && REFUSED.has(error.code)
      if (isRefused) await this.#posts.penalty(person, REFUSED_POST - 1)
      throw error
    }
  }

  /** @throws {RelayError} `too_many`, with the seconds to wait */
  async posts(person: string, targets: number): Promise<void> {
    await spend(this.#posts, person, targets, 'posts a minute')
  }

  /**
   * @param mostDirect - Direct messages that this person may send in a day.
   * @throws {RelayError} `too_many`, with the seconds to wait
   */
  async spend(
    person: string,
    { bytes, direct }: Spending,
    mostDirect = this.#directPerDay,
  ): Promise<void> {
    await spend(this.#bytes, person, bytes, 'bytes of files an hour')
    if (direct > 0) await this.#spendDirect(person, direct, mostDirect)
  }

  async #spendDirect(person: string, direct: number, most: number): Promise<void> {
    const { consumedPoints, msBeforeNext } = await this.#direct.consume(person, direct)
    if (consumedPoints <= most) return
    await this.#direct.reward(person, direct)
    if (most > 0) throw tooMany(most, 'direct messages a day', msBeforeNext)
    throw new RelayError('not_allowed', 'The policy of this relay lets you post to no other person')
  }
}

async function spend(
  limiter: RateLimiterMemory,
  person: string,
  points: number,
  unit: string,
): Promise<void> {
  try {
    await limiter.consume(person, points)
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused
    throw tooMany(limiter.points, unit, refused.msBeforeNext)
  }
}

function tooMany(most: number, unit: string, ms: number): RelayError {
  const retryAfter = Math.ceil(ms / 1000)
  const words = `At most ${most} ${unit} are taken from one person; try again in ${retryAfter} s`
  return new RelayError('too_many', words, { retryAfter })
}
