// The reading half of the outbox: for the sender of a post, the readers of its lane and `/metrics`.
// It changes nothing.
import type { ReadPost, StoredPost } from '../../post/contract/schema.ts'
import type { Blobs } from '../storage/blobs.ts'
import type { Database } from '../storage/database.ts'
import type { Found } from '../storage/place.ts'
import { listOwn } from './listing.ts'
import type { Listing } from './listing.ts'
import type { Changes, Counts, Reader } from './outbox.ts'
import { readPost, storedPost } from './rows.ts'
import * as sql from './queries.ts'
import type { RelayFile } from '../storage/bytes.ts'

/** Events read at a time. */
const STRETCH = 2000

export class OutboxView {
  protected readonly db: Database
  protected readonly blobs: Blobs
  protected readonly now: () => number

  constructor(db: Database, blobs: Blobs, now: () => number) {
    this.db = db
    this.blobs = blobs
    this.now = now
  }

  find(id: string): { post: StoredPost; from: string; service: string; lane: string } | undefined {
    const row = this.db.get('SELECT * FROM post WHERE id = $id', { $id: id })
    if (!row) return undefined
    return {
      post: storedPost(row),
      from: String(row.person),
      service: String(row.service),
      lane: String(row.lane),
    }
  }

  read(id: string, reader: Reader): ReadPost | undefined {
    const row = this.db.get(sql.READ_ONE, { $id: id, ...whose(reader) })
    return row && readPost(row, this.blobs.list(String(row.files)))
  }

  file(id: string, n: number, reader: Reader): RelayFile | undefined {
    const row = this.db.get(sql.READ_ONE, { $id: id, ...whose(reader) })
    return row && this.blobs.read(String(row.files), n)
  }

  list(person: string, listing: Listing): Found {
    return listOwn(this.db, person, listing)
  }

  cursor(): string {
    return String(this.db.get(sql.LAST_EVENT)?.cursor ?? 0)
  }

  changes(after: string, reader: Reader, limit: number): Changes {
    // Old events are deleted.
    const first = Number(this.db.get(sql.FIRST_EVENT)?.seq ?? 1)
    const from = Math.max(Number(after), first - 1)
    const rows = this.db.all(sql.READ_CHANGES, {
      $after: from,
      $stretch: STRETCH,
      $limit: limit,
      ...whose(reader),
    })
    const changes = rows.map((row) => ({ cursor: String(row.cursor), id: String(row.id) }))
    // With a full list there may be more in this stretch, else all of it was read.
    const end = this.#endOf(from + STRETCH)
    const last = Number(rows.at(-1)?.cursor ?? after)
    return { changes, cursor: String(rows.length < limit ? Math.max(end, last) : last) }
  }

  /** How far an empty stretch may be skipped: there are gaps where a backup was restored. */
  #endOf(stretch: number): number {
    const last = Number(this.cursor())
    if (stretch >= last) return last
    const next = this.db.get(sql.NEXT_EVENT, { $after: stretch })?.seq
    return typeof next === 'number' ? next - 1 : last
  }

  forgotten(posts: readonly string[]): string[] {
    return this.db.all(sql.FORGOTTEN, { $posts: JSON.stringify(posts) }).map(({ id }) => String(id))
  }

  isOpen(id: string): boolean {
    return this.db.get(sql.IS_OPEN, { $id: id }) !== undefined
  }

  waiting(): number {
    return Number(this.db.get(sql.WAITING)?.n ?? 0)
  }

  counts(): Counts {
    const row = this.db.get(sql.COUNTS)
    const oldest = row?.oldest
    return {
      waiting: Number(row?.waiting ?? 0),
      dead: Number(row?.dead ?? 0),
      oldestMs: typeof oldest === 'number' ? Math.max(0, this.now() - oldest) : 0,
    }
  }
}

function whose(reader: Reader): { $name: string; $lanes: string } {
  return { $name: reader.name, $lanes: JSON.stringify(reader.lanes) }
}
