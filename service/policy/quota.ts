// How much one person may post, and the people of one Hub group together. Generous: it is there to
// stop a runaway loop. A request counts when it comes, whether it is accepted or not. In memory: a
// restart forgives.
import type { QuotaLeft } from '../../post/contract/schema.ts'
import type { Person } from '../chat/chat.ts'
import type { Goal } from '../chat/goal.ts'
import { RelayError } from '../errors.ts'
import { Windows } from './window.ts'

export interface Quota {
  /** Posts (targets) per minute. */
  postsPerMinute: number
  /** Changes, removals and replies per minute. */
  changesPerMinute: number
  /** Bytes of text per hour, as sent: with the JSON around it. */
  textPerHour: number
  /** Bytes of files per hour. */
  bytesPerHour: number
  /** Posts to other people at a chat service, per day (docs/spec.md 5.4). */
  directPerDay: number
}

export const DEFAULT_QUOTA: Quota = {
  postsPerMinute: 300,
  // Twenty live cells, each changed once a second.
  changesPerMinute: 1200,
  textPerHour: 1024 ** 3,
  bytesPerHour: 2 * 1024 ** 3,
  directPerDay: 50,
}

/** What the admin sets. */
export interface QuotaSettings extends Quota {
  /** Figures of single people, in place of the others. */
  people?: Readonly<Record<string, Partial<Quota>>>
  /** By Hub group: `each` holds for each member, `together` for all of them. */
  groups?: Readonly<Record<string, { each?: Partial<Quota>; together?: Partial<Quota> }>>
}

const WINDOWS: Readonly<Record<keyof Quota, { ms: number; words: string }>> = {
  postsPerMinute: { ms: 60_000, words: 'posts a minute' },
  changesPerMinute: { ms: 60_000, words: 'changes a minute' },
  textPerHour: { ms: 3_600_000, words: 'bytes of text an hour' },
  bytesPerHour: { ms: 3_600_000, words: 'bytes of files an hour' },
  directPerDay: { ms: 86_400_000, words: 'direct messages a day' },
}

export const FIGURES: readonly (keyof Quota)[] = [
  'postsPerMinute',
  'changesPerMinute',
  'textPerHour',
  'bytesPerHour',
  'directPerDay',
]

/** A refused request costs as many posts at least: the chat is asked many times for the nearest. */
const REFUSED_POST = 5

const REFUSED: ReadonlySet<string> = new Set(['unknown_target', 'not_allowed'])

const NO_OTHER_PERSON = 'The policy of this relay lets you post to no other person'

export type Cost = Partial<Quota>

/** How many of these targets are other people. */
export function directOf(
  goals: readonly Pick<Goal, 'target' | 'service' | 'destination'>[],
): number {
  return goals.filter(({ service, target, destination }) => {
    const { poster, person = poster } = destination?.accounts ?? {}
    return service !== 'inbox' && (target.kind === 'person' || person !== poster)
  }).length
}

/** One limit that holds for a person. */
interface Bound {
  limit: number
  key: string
  group?: string
}

/** What a policy says instead of the admin's figures. */
type MostDirect = (person: Person, otherwise: number) => number

export class Quotas {
  readonly #settings: QuotaSettings
  readonly #mostDirect: MostDirect
  readonly #windows: ReadonlyMap<keyof Quota, Windows>

  /**
   * @param monotonic - Milliseconds that never go back.
   * @param mostDirect - Direct messages a day of one person; the settings' figure if left out.
   */
  constructor(
    settings: QuotaSettings,
    monotonic: () => number,
    mostDirect: MostDirect = (_, otherwise) => otherwise,
  ) {
    this.#settings = settings
    this.#mostDirect = mostDirect
    const windows = FIGURES.map((figure) => {
      return [figure, new Windows(WINDOWS[figure].ms, monotonic)] as const
    })
    this.#windows = new Map(windows)
  }

  /**
   * Counts posts before their targets are looked up, because that asks the chat, whether there is
   * such a target or not.
   *
   * @throws {RelayError} `too_many`, with the seconds to wait, or what `lookUp` throws
   */
  async lookUp<Found>(person: Person, posts: number, lookUp: () => Promise<Found>): Promise<Found> {
    this.charge(person, { postsPerMinute: posts })
    try {
      return await lookUp()
    } catch (error) {
      const isRefused = error instanceof RelayError && REFUSED.has(error.code)
      if (isRefused) this.#add(person, { postsPerMinute: REFUSED_POST - 1 })
      throw error
    }
  }

  /**
   * Counts all of it, or nothing.
   * @throws {RelayError} `too_many`, with the seconds to wait
   */
  charge(person: Person, cost: Cost): void {
    for (const figure of FIGURES) {
      const points = cost[figure] ?? 0
      if (points > 0) this.#check(person, figure, points)
    }
    this.#add(person, cost)
  }

  /** Gives back what was counted for a request that failed through no fault of the sender. */
  refund(person: Person, cost: Cost): void {
    this.#add(person, cost, -1)
  }

  /** What the person may still send; of several limits the one that leaves least. */
  left(person: Person): QuotaLeft {
    const entries = FIGURES.flatMap((figure) => {
      const windows = this.#windowsOf(figure)
      const [least] = this.#bounds(person, figure)
        .map(({ limit, key, group }) => ({
          limit,
          left: Math.max(0, limit - windows.used(key)),
          seconds: Math.ceil(windows.restMs(key) / 1000),
          ...(group !== undefined && { group }),
        }))
        .toSorted((one, other) => one.left - other.left)
      return least ? [[figure, least] as const] : []
    })
    return Object.fromEntries(entries)
  }

  #check(person: Person, figure: keyof Quota, points: number): void {
    const windows = this.#windowsOf(figure)
    for (const { limit, key, group } of this.#bounds(person, figure)) {
      if (windows.used(key) + points <= limit) continue
      // The admin's figures are never 0.
      if (limit === 0) throw new RelayError('not_allowed', NO_OTHER_PERSON)
      // A request over the limit by itself never fits; what it says then is the whole window.
      const restMs = windows.restMs(key) || WINDOWS[figure].ms
      const retryAfter = Math.ceil(restMs / 1000)
      const whom = group === undefined ? 'one person' : `the group ${group} together`
      throw new RelayError(
        'too_many',
        `At most ${limit} ${WINDOWS[figure].words} are taken from ${whom}; try again in ${retryAfter} s`,
        { retryAfter },
      )
    }
  }

  #add(person: Person, cost: Cost, sign = 1): void {
    for (const figure of FIGURES) {
      const points = cost[figure] ?? 0
      if (points === 0) continue
      for (const { key } of this.#bounds(person, figure))
        this.#windowsOf(figure).add(key, sign * points)
    }
  }

  #bounds(person: Person, figure: keyof Quota): Bound[] {
    const { name, groups } = person
    const settings = this.#settings
    const known = groups.flatMap((group) => {
      // Names of groups come from the Hub: `constructor` is one that an object always has.
      const found = Object.hasOwn(settings.groups ?? {}, group)
        ? settings.groups?.[group]
        : undefined
      return found ? [{ group, ...found }] : []
    })
    const own = Object.hasOwn(settings.people ?? {}, name) ? settings.people?.[name] : undefined
    const each = known.flatMap(({ each: one }) => one?.[figure] ?? [])
    const set = own?.[figure] ?? (each.length > 0 ? Math.max(...each) : settings[figure])
    const limit = figure === 'directPerDay' ? this.#mostDirect(person, set) : set
    const together = known.flatMap(({ group, together: all }): Bound[] => {
      const most = all?.[figure]
      return most === undefined ? [] : [{ limit: most, key: `group ${group}`, group }]
    })
    return [{ limit, key: `person ${name}` }, ...together]
  }

  #windowsOf(figure: keyof Quota): Windows {
    const windows = this.#windows.get(figure)
    if (!windows) throw new Error(`There is no such quota: ${figure}`)
    return windows
  }
}
