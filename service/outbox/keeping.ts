// What the outbox deletes in time: the text and files of posts that their services have had for
// long, later the posts themselves. Of a post that is gone it remembers for a while that there was
// one, for people who follow a link to it.
import type { Blobs } from '../storage/blobs.ts'
import { inTime } from '../storage/batches.ts'
import type { Batch } from '../storage/batches.ts'
import type { Database, Row } from '../storage/database.ts'
import type { SqliteEdits } from './edits.ts'
import type { Keeping, Needed, Pruned, PrunedPost, Reader } from './kept.ts'
import * as sql from './queries.ts'
import { dropUnneeded } from './shared-content.ts'

/** Rows read at a time. */
const MOST = 100

export interface KeepingDeps {
  db: Database
  blobs: Blobs
  edits: SqliteEdits
  /** Milliseconds since 1970. */
  now: () => number
}

export class SqliteKeeping implements Keeping {
  readonly #deps: KeepingDeps

  constructor(deps: KeepingDeps) {
    this.#deps = deps
  }

  contents(before: number, { isNeeded, also }: Needed): Batch {
    const { db } = this.#deps
    let place: Row = { settled: -1, seq: 0 }
    return () =>
      db.write(() => {
        const rows = db.all(sql.SETTLED, {
          $settled: place.settled ?? -1,
          $seq: place.seq ?? 0,
          $before: before,
          $limit: MOST,
        })
        inTime(rows, (row) => {
          place = row
          const id = String(row.id)
          if (row.isFinished !== 1 || isNeeded(id)) return
          this.#dropContent(id, String(row.submission))
          also(id)
        })
        return rows.length > 0
      })
  }

  posts(before: number, { isNeeded, also }: Needed): Batch {
    const { db } = this.#deps
    let place: Row = { accepted: -1, n: 0 }
    return () =>
      db.write(() => {
        const rows = db.all(sql.OLD_SUBMISSIONS, {
          $accepted: place.accepted ?? -1,
          $n: place.n ?? 0,
          $before: before,
          $limit: MOST,
        })
        inTime(rows, (row) => {
          place = row
          if (row.isFinished === 1) this.#forget(String(row.id), isNeeded, also)
        })
        return rows.length > 0
      })
  }

  /** The events are in the order of their times, so the rest is newer. */
  events(before: number): Batch {
    const { db } = this.#deps
    return () =>
      db.write(() => {
        const rows = db.all('SELECT seq, at FROM event ORDER BY seq LIMIT $limit', { $limit: MOST })
        const newer = rows.findIndex(({ at }) => Number(at) >= before)
        const last = rows.at(newer < 0 ? -1 : newer - 1)
        if (!last || newer === 0) return false
        db.run('DELETE FROM event WHERE seq <= $last', { $last: last.seq ?? 0 })
        return newer < 0
      })
  }

  keys(before: number): Batch {
    return this.#old(
      `DELETE FROM edit_key WHERE (person, idem_key) IN
        (SELECT person, idem_key FROM edit_key WHERE at < $before ORDER BY at LIMIT $limit)`,
      before,
    )
  }

  links(before: number): Batch {
    return this.#old(
      `DELETE FROM pruned_post WHERE id IN (SELECT id FROM pruned_post WHERE at < $before ORDER BY at LIMIT $limit)`,
      before,
    )
  }

  remove({ id, person, lane }: PrunedPost, why: Pruned['why']): void {
    const { db } = this.#deps
    const post = db.get('SELECT submission, kept FROM post WHERE id = $id', { $id: id })
    if (post) {
      if (post.kept === 1) this.#dropContent(id, String(post.submission))
      // The submission stays: its idempotency key may come again.
      db.run('DELETE FROM post WHERE id = $id', { $id: id })
    }
    this.#remember(id, person, lane, why)
  }

  find(id: string, { name, lanes }: Reader): Pruned | undefined {
    const row = this.#deps.db.get('SELECT * FROM pruned_post WHERE id = $id', { $id: id })
    if (!row) return undefined
    const isReader = lanes === 'all' || row.person === name || lanes.includes(String(row.lane))
    return isReader ? { at: Number(row.at), why: row.why === 'room' ? 'room' : 'old' } : undefined
  }

  #old(deletion: string, before: number): Batch {
    const { db } = this.#deps
    return () => db.write(() => db.run(deletion, { $before: before, $limit: MOST }) === MOST)
  }

  /** Posts to several targets have one content, which stays as long as one of them needs it. */
  #dropContent(id: string, submission: string): void {
    const { db, blobs, edits } = this.#deps
    const base = db.get(sql.BASE_OF, { $id: id })
    db.run('UPDATE post SET kept = 0, file_hashes = $hashes WHERE id = $id', {
      $id: id,
      $hashes: JSON.stringify(blobs.hashes(String(base?.owner))),
    })
    edits.forget(id)
    dropUnneeded(db, blobs, submission)
  }

  #forget(submission: string, isNeeded: Needed['isNeeded'], also: Needed['also']): void {
    const { db, blobs, edits } = this.#deps
    const posts = db.all('SELECT id, person, lane FROM post WHERE submission = $id', {
      $id: submission,
    })
    if (posts.some(({ id }) => isNeeded(String(id)))) return
    blobs.drop(submission)
    for (const { id, person, lane } of posts) {
      edits.forget(String(id))
      also(String(id))
      this.#remember(String(id), String(person), String(lane), 'old')
    }
    db.run('DELETE FROM post WHERE submission = $id', { $id: submission })
    db.run('DELETE FROM submission WHERE id = $id', { $id: submission })
  }

  #remember(id: string, person: string, lane: string, why: Pruned['why']): void {
    this.#deps.db.run(
      'INSERT OR REPLACE INTO pruned_post VALUES ($id, $person, $lane, $at, $why)',
      {
        $id: id,
        $person: person,
        $lane: lane,
        $at: this.#deps.now(),
        $why: why,
      },
    )
  }
}
