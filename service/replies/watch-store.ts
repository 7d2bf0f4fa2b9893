// Rows of watches: the watched cells with their leases, and the posts in whose threads to listen.
// Methods that change rows may only be called inside `Database.write`, so that a change and the
// post that reports it are one commit.
import type { WatchManifest } from '../../post/contract/watch.ts'
import type { Person } from '../chat/chat.ts'
import type { Goal } from '../chat/goal.ts'
import { destinationOf, readable, sourceOf, stringsOf, targetOf } from '../outbox/rows.ts'
import type { Database, Row } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'

const TABLES = `
  CREATE TABLE IF NOT EXISTS watch (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, groups TEXT NOT NULL, thread TEXT NOT NULL, source TEXT NOT NULL,
    started INTEGER NOT NULL, -- when the cell began, by this relay's clock
    renewed INTEGER NOT NULL, lease_until INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'lost', 'ended')),
    last_seq INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS watch_live ON watch (lease_until) WHERE state = 'live';
  CREATE INDEX IF NOT EXISTS watch_person ON watch (person, renewed);
  CREATE TABLE IF NOT EXISTS watch_goal (
    watch TEXT NOT NULL REFERENCES watch ON DELETE CASCADE, n INTEGER NOT NULL,
    typed TEXT NOT NULL, service TEXT NOT NULL, target TEXT NOT NULL, label TEXT NOT NULL, destination TEXT, PRIMARY KEY (watch, n)
  ) STRICT, WITHOUT ROWID;
  -- own: the relay wrote the post, not the kernel.
  CREATE TABLE IF NOT EXISTS watch_post (
    watch TEXT NOT NULL REFERENCES watch ON DELETE CASCADE, post TEXT NOT NULL, own INTEGER NOT NULL, PRIMARY KEY (watch, post)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS watch_post_post ON watch_post (post);
`

/** Threads of older posts are not read, older ended watches are forgotten (docs/spec.md 4.3). */
export const HEARD_MS = 24 * 60 * 60_000
/** How many ended watches of one person are remembered. */
const MOST_ENDED = 1000

export interface Watch {
  id: string
  person: Person
  thread: string
  source: WatchManifest['source']
  started: number
  renewed: number
  state: 'live' | 'lost' | 'ended'
}

/** A goal without the function that its service provides. */
export type StoredGoal = Omit<Goal, 'addressOf'>

export class WatchStore {
  static readonly tables: Steps = { 1: TABLES }

  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * For a database from a backup: nobody knows which of its cells still run. Kernels that do not
   * find theirs begin it again. Only inside a transaction.
   */
  static forgetLive(db: Database): void {
    db.run(`DELETE FROM watch WHERE state <> 'ended'`)
  }

  find(id: string): Watch | undefined {
    const row = this.#db.get('SELECT * FROM watch WHERE id = $id', { $id: id })
    return row && watchOf(row)
  }

  /** Stores a new watch, or the new state of a live one. */
  put(
    watch: Omit<Watch, 'state'>,
    until: number,
    goals: readonly StoredGoal[],
    posts: readonly string[],
  ): void {
    const { id, person, thread, source, started, renewed } = watch
    this.#db.run(
      `INSERT INTO watch (id, person, groups, thread, source, started, renewed, lease_until, state)
         VALUES ($id, $person, $groups, $thread, $source, $started, $renewed, $until, 'live')
       ON CONFLICT (id) DO UPDATE SET groups = $groups, thread = $thread, source = $source, started = $started,
         renewed = $renewed, lease_until = $until`,
      {
        $id: id,
        $person: person.name,
        $groups: JSON.stringify(person.groups),
        $thread: thread,
        $source: JSON.stringify(source),
        $started: started,
        $renewed: renewed,
        $until: until,
      },
    )
    this.#db.run('DELETE FROM watch_goal WHERE watch = $id', { $id: id })
    for (const [n, goal] of goals.entries()) this.#addGoal(id, n, goal)
    this.#db.run('DELETE FROM watch_post WHERE watch = $id AND own = 0', { $id: id })
    this.addPosts(id, posts, false)
    this.#db.run(
      `DELETE FROM watch WHERE person = $person AND state <> 'live' AND id NOT IN
        (SELECT id FROM watch WHERE person = $person AND state <> 'live' ORDER BY renewed DESC LIMIT ${MOST_ENDED})`,
      { $person: person.name },
    )
  }

  #addGoal(watch: string, n: number, goal: StoredGoal): void {
    this.#db.run(
      'INSERT INTO watch_goal VALUES ($watch, $n, $typed, $service, $target, $label, $destination)',
      {
        $watch: watch,
        $n: n,
        $typed: goal.typed,
        $service: goal.service,
        $target: JSON.stringify(goal.target),
        $label: goal.label,
        $destination: goal.destination ? JSON.stringify(goal.destination) : null,
      },
    )
  }

  addPosts(watch: string, posts: readonly string[], own: boolean): void {
    for (const post of posts)
      this.#db.run('INSERT OR IGNORE INTO watch_post VALUES ($watch, $post, $own)', {
        $watch: watch,
        $post: post,
        $own: Number(own),
      })
  }

  /** @throws {Unreadable} */
  goals(watch: string): StoredGoal[] {
    return this.#db
      .all('SELECT * FROM watch_goal WHERE watch = $watch ORDER BY n', { $watch: watch })
      .map(goalOf)
  }

  /** The watch's posts that were sent by the same person: a kernel may have named any. */
  posts(watch: string): string[] {
    return this.#db
      .all(
        `SELECT l.post FROM watch_post l JOIN watch w ON w.id = l.watch JOIN outbox_post p ON p.id = l.post AND p.person = w.person
         WHERE l.watch = $watch`,
        { $watch: watch },
      )
      .map(({ post }) => String(post))
  }

  renew(id: string, now: number, until: number): void {
    this.#db.run('UPDATE watch SET renewed = $now, lease_until = $until WHERE id = $id', {
      $id: id,
      $now: now,
      $until: until,
    })
  }

  /** Changes the state. Returns false if it was not in state `from`. */
  become(id: string, from: Watch['state'], to: Watch['state']): boolean {
    const sql = 'UPDATE watch SET state = $to WHERE id = $id AND state = $from'
    return this.#db.run(sql, { $id: id, $from: from, $to: to }) > 0
  }

  /** Marks it as lost. Returns false if it was not live or its lease is not over. */
  lose(id: string, now: number): boolean {
    const sql = `UPDATE watch SET state = 'lost' WHERE id = $id AND state = 'live' AND lease_until <= $now`
    return this.#db.run(sql, { $id: id, $now: now }) > 0
  }

  /**
   * Live watches that were not renewed in time, without those that another version of the relay
   * wrote and this one cannot read.
   */
  overdue(now: number): Watch[] {
    return this.#db
      .all(`SELECT * FROM watch WHERE state = 'live' AND lease_until <= $now`, { $now: now })
      .flatMap((row) => readable(() => watchOf(row)) ?? [])
  }

  extendAll(until: number): void {
    this.#db.run(`UPDATE watch SET lease_until = $until WHERE state = 'live'`, { $until: until })
  }

  live(person?: string): number {
    const row = this.#db.get(
      `SELECT count(*) AS n FROM watch WHERE state = 'live' AND ($person IS NULL OR person = $person)`,
      { $person: person ?? null },
    )
    return Number(row?.n ?? 0)
  }

  isWatched(post: string, since: number): boolean {
    const row = this.#db.get(
      `SELECT 1 FROM watch_post l JOIN watch w ON w.id = l.watch JOIN outbox_post p ON p.id = l.post AND p.person = w.person
       WHERE l.post = $post AND w.state = 'live' AND p.accepted > $since`,
      { $post: post, $since: since },
    )
    return row !== undefined
  }

  /**
   * Forgets watches that were over before this time, and live ones whose lease ended before it:
   * their loss could not be reported.
   */
  prune(before: number): void {
    const sql = `DELETE FROM watch WHERE (state <> 'live' AND renewed < $before) OR lease_until < $before`
    this.#db.run(sql, { $before: before })
  }
}

export function watchOf(row: Row): Watch {
  return {
    id: String(row.id),
    person: { name: String(row.person), groups: stringsOf(row.groups) },
    thread: String(row.thread),
    source: sourceOf(row.source),
    started: Number(row.started),
    renewed: Number(row.renewed),
    state: stateOf(row),
  }
}

function stateOf({ state }: Row): Watch['state'] {
  return state === 'live' || state === 'lost' ? state : 'ended'
}

export function goalOf(row: Row): StoredGoal {
  return {
    typed: String(row.typed),
    service: String(row.service),
    target: targetOf(row.target),
    destination: destinationOf(row.destination),
    label: String(row.label),
  }
}
