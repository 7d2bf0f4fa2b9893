// Who has a name at the Hub. A Hub may delete a user and give the name to another person, who must
// not get what the relay keeps for the first. So the person of a name is pinned to the moment at
// which the Hub created that user; where the Hub does not tell it, to having made a request within
// 30 days. Whoever comes after that is the next holder: another person to all of the relay.
import { holderName, hubNameOf } from '../chat/person-name.ts'
import type { Database } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'

const DAY_MS = 24 * 60 * 60_000
/** Without a request for this long, and without the Hub's word, it may be somebody else. */
const LAPSES_MS = 30 * DAY_MS

interface Holder {
  /** The number of the person who has the name now, and of the last one who got it. */
  n: number
  newest: number
  /** ISO 8601, as the Hub says it. */
  created: string | undefined
  /** ms since 1970: the first and the last request of this person; the last by the day. */
  first: number
  seen: number
  /** They are the next holder only because nobody came for long. */
  lapsed: boolean
}

export class Holders {
  static readonly tables: Steps = {
    4: `
      CREATE TABLE hub_holder (
        name TEXT PRIMARY KEY, n INTEGER NOT NULL, newest INTEGER NOT NULL, created TEXT, first INTEGER NOT NULL,
        seen INTEGER NOT NULL, lapsed INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  }

  readonly #db: Database
  readonly #oldestPost: (name: string) => number | undefined
  readonly #now: () => number

  /** @param oldestPost - When the first post of a person that is known was accepted. */
  constructor(db: Database, oldestPost: (name: string) => number | undefined, now: () => number) {
    this.#db = db
    this.#oldestPost = oldestPost
    this.#now = now
  }

  /** The name in the relay of who has this name at the Hub. */
  nameOf(hubName: string): string {
    return holderName(hubName, this.#find(hubName)?.n ?? 1)
  }

  /** Somebody made a request. @param created - Undefined if the Hub does not tell it. */
  async met(hubName: string, created: string | undefined): Promise<void> {
    const known = this.#find(hubName)
    if (known && known === this.#after(known, created)) return
    await this.#db.write(() => {
      const holder = this.#find(hubName)
      this.#put(hubName, holder ? this.#after(holder, created) : this.#first(hubName, created))
    })
  }

  /**
   * Gives a person back what is theirs, if they are a new one only because they did not come.
   * @param isOf - Whether what they proved is that of the person with this name in the relay.
   * @returns Their name in the relay from now on; undefined if nothing changed.
   */
  async reclaim(
    name: string,
    isOf: (earlier: string) => Promise<boolean>,
  ): Promise<string | undefined> {
    const hubName = hubNameOf(name)
    const holder = this.#find(hubName)
    if (!holder?.lapsed || holderName(hubName, holder.n) !== name) return undefined
    for (let n = holder.n - 1; n > 0; n--) {
      const earlier = holderName(hubName, n)
      if (!(await isOf(earlier))) continue
      await this.#db.write(() => this.#put(hubName, { ...holder, n, lapsed: false }))
      return earlier
    }
    return undefined
  }

  /** The first of a name, unless there are posts under it from before that user was created. */
  #first(hubName: string, created: string | undefined): Holder {
    const oldest = this.#oldestPost(hubName)
    const isLater = created !== undefined && oldest !== undefined && oldest < Date.parse(created)
    return this.#next(isLater ? 1 : 0, created, false)
  }

  /** The same object if there is nothing to store. */
  #after(holder: Holder, created: string | undefined): Holder {
    const now = this.#now()
    if (created === undefined) {
      if (now - holder.seen > LAPSES_MS) return this.#next(holder.newest, undefined, true)
    } else if (holder.created === undefined) {
      // Created after the first request of that name: somebody else's.
      if (Date.parse(created) > holder.first) return this.#next(holder.newest, created, false)
      return { ...holder, created, seen: now }
    } else if (holder.created !== created) return this.#next(holder.newest, created, false)
    // A clock that was set back leaves a time in the future.
    return Math.abs(now - holder.seen) > DAY_MS ? { ...holder, seen: now } : holder
  }

  #next(newest: number, created: string | undefined, lapsed: boolean): Holder {
    const [n, now] = [newest + 1, this.#now()]
    return { n, newest: n, created, first: now, seen: now, lapsed }
  }

  #find(hubName: string): Holder | undefined {
    const row = this.#db.get('SELECT * FROM hub_holder WHERE name = $name', { $name: hubName })
    if (!row) return undefined
    return {
      n: Number(row.n),
      newest: Number(row.newest),
      created: typeof row.created === 'string' ? row.created : undefined,
      first: Number(row.first),
      seen: Number(row.seen),
      lapsed: row.lapsed === 1,
    }
  }

  /** Only inside `write`. */
  #put(hubName: string, { n, newest, created, first, seen, lapsed }: Holder): void {
    this.#db.run(
      `INSERT OR REPLACE INTO hub_holder (name, n, newest, created, first, seen, lapsed)
       VALUES ($name, $n, $newest, $created, $first, $seen, $lapsed)`,
      {
        $name: hubName,
        $n: n,
        $newest: newest,
        $created: created ?? null,
        $first: first,
        $seen: seen,
        $lapsed: lapsed ? 1 : 0,
      },
    )
  }
}
