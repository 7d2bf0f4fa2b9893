// The audit trail: who did what to which post, one row for each, in the commit of what it reports.
// It holds no content, only its SHA-256. Rows are only ever added, until they are old enough to be
// deleted; a trigger refuses to change one.
import { AUDIT_TABLE } from './audit-table.ts'
import type { Batch } from '../storage/batches.ts'
import type { Database } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'

/** `refused`: at once, by the relay. `given up`, `change refused`: later, by the chat. */
export type Deed =
  | 'accepted'
  | 'refused'
  | 'delivered'
  | 'given up'
  | 'changed'
  | 'change delivered'
  | 'change refused'
  | 'withdrawn'
  | 'removal asked'
  | 'removed'
  /** The database was replaced by a backup: rows after it are lost. */
  | 'restored'

/** What is known besides the post's own row. */
export interface Circumstances {
  /** Where the request came from: `server alice/`, `token a5`. */
  origin?: string | undefined
  /** SHA-256 of blocks and files, in hexadecimal digits. */
  hash?: string | undefined
  bytes?: number | undefined
}

export interface RefusedRow {
  person: string
  origin: string | undefined
  /** As typed. */
  targets: readonly string[]
  /** The id of the post, or the key under which its sender knows it. */
  post: string | undefined
  /** The code of the refusal. */
  rule: string
  /** A row may stand for several refusals of the same kind. */
  times: number
}

/** A post or a change that its chat did not take, for the log. */
export interface ChatRefusal {
  deed: 'given up' | 'change refused'
  person: string
  service: string
  target: string
  post: string
  why: string
}

/** Rows deleted in one commit. */
const PRUNED = 5000

export class Audit {
  static readonly tables: Steps = AUDIT_TABLE

  readonly #db: Database
  readonly #now: () => number
  readonly #listeners = new Set<(refusal: ChatRefusal) => void>()

  constructor(db: Database, now: () => number) {
    this.#db = db
    this.#now = now
  }

  /** Only inside `Database.write`, while the post's row is there. */
  ofPost(post: string, deed: Deed, { origin, hash, bytes }: Circumstances = {}): void {
    this.#db.run(
      `INSERT INTO audit (at, deed, person, origin, service, target, post, hash, bytes, why)
       SELECT $at, $deed, person, $origin, service, label, id, $hash, $bytes,
         CASE WHEN $deed IN ('given up', 'change refused') THEN error END FROM post WHERE id = $post`,
      {
        $at: this.#now(),
        $deed: deed,
        $origin: origin ?? null,
        $hash: hash ?? null,
        $bytes: bytes ?? null,
        $post: post,
      },
    )
    if (deed === 'given up' || deed === 'change refused') this.#tell(post, deed)
  }

  /** Only inside `Database.write`. */
  refused({ person, origin, targets, post, rule, times }: RefusedRow): void {
    this.#db.run(
      `INSERT INTO audit (at, deed, person, origin, target, post, why, times)
       VALUES ($at, 'refused', $person, $origin, $target, $post, $why, $times)`,
      {
        $at: this.#now(),
        $person: person,
        $origin: origin ?? null,
        $target: targets.length > 0 ? targets.join(', ') : null,
        $post: post ?? null,
        $why: rule,
        $times: times,
      },
    )
  }

  /** Calls the listener after the commit. */
  onChatRefusal(listener: (refusal: ChatRefusal) => void): void {
    this.#listeners.add(listener)
  }

  #tell(post: string, deed: ChatRefusal['deed']): void {
    const row = this.#db.get('SELECT person, service, label, error FROM post WHERE id = $post', {
      $post: post,
    })
    if (!row) return
    const { person, service, label, error } = row
    const about = { person: String(person), service: String(service), target: String(label) }
    const refusal = { deed, ...about, post, why: String(error ?? '') }
    setImmediate(() => {
      for (const listener of this.#listeners) listener(refusal)
    })
  }

  /** Deletes rows from before `before`, and the oldest of more than `most`. */
  old(before: number, most: number): Batch {
    return () =>
      this.#db.write(() => {
        // The numbers of the rows have no gaps, so nothing needs to be counted.
        const last = Number(this.#db.get('SELECT max(n) AS n FROM audit')?.n ?? 0)
        const deleted = this.#db.run(
          `DELETE FROM audit WHERE n IN (SELECT n FROM audit ORDER BY n LIMIT $limit) AND (at < $before OR n <= $first)`,
          { $limit: PRUNED, $before: before, $first: last - most },
        )
        return deleted === PRUNED
      })
  }
}
