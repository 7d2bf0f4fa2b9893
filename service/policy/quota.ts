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

  constructor(quota: Quota) {
    this.#posts = new RateLimiterMemory({ points: quota.postsPerMinute, duration: 60 })
    this.#direct = new RateLimiterMemory({ points: quota.directPerDay, duration: 86_400 })
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

  /** What the person may still send. */
  async left(person: string) {
    return {
      postsPerMinute: await leftOf(this.#posts, person),
      bytesPerHour: await leftOf(this.#bytes, person),
      directPerDay: await leftOf(this.#direct, person),
    }
  }

  /** @throws {RelayError} `too_many`, with the seconds to wait */
  async posts(person: string, targets: number): Promise<void> {
    await spend(this.#posts, person, targets, 'posts a minute')
  }

  /** @throws {RelayError} `too_many`, with the seconds to wait */
  async spend(person: string, { bytes, direct }: Spending): Promise<void> {
    await spend(this.#bytes, person, bytes, 'bytes of files an hour')
    if (direct > 0) await spend(this.#direct, person, direct, 'direct messages a day')
  }
}

/** What is left of a quota, and the seconds until all of it is left again. */
async function leftOf(limiter: RateLimiterMemory, person: string) {
  const used = await limiter.get(person)
  return {
    limit: limiter.points,
    left: used?.remainingPoints ?? limiter.points,
    seconds: Math.ceil((used?.msBeforeNext ?? 0) / 1000),
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
    const retryAfter = Math.ceil(refused.msBeforeNext / 1000)
    throw new RelayError(
      'too_many',
      `At most ${limiter.points} ${unit} are taken from one person; try again in ${retryAfter} s`,
      { retryAfter },
    )
  }
}
