// What the inbox deletes: messages that are old, and the oldest of people who have more than their
// share. A message that is still needed stays, whatever its age: one with an open question, or with
// a change that waits.
import { inTime } from '../storage/batches.ts'
import type { Batch } from '../storage/batches.ts'
import type { Database } from '../storage/database.ts'
import type { InboxStore } from './inbox-store.ts'

/** Rows read at a time. */
const MOST = 100
/** The row of `inbox_usage` for all people. */
const ALL = ''

export interface InboxBounds {
  /** Bytes of the messages that one person sent. */
  bytesPerPerson: number
  bytes: number
}

export interface InboxNeeds {
  isNeeded: (id: string) => boolean
  /** Runs in the same commit. */
  also: (message: { id: string; person: string; lane: string }) => void
}

export class InboxKeeping {
  readonly #db: Database
  readonly #store: InboxStore
  readonly #bounds: InboxBounds

  constructor(db: Database, store: InboxStore, bounds: InboxBounds) {
    this.#db = db
    this.#store = store
    this.#bounds = bounds
  }

  /** Whether older messages must make room, if this person sent the last one. */
  isFull(person: string): boolean {
    const { bytes, bytesPerPerson } = this.#bounds
    return this.#usage(person) > bytesPerPerson || this.#usage(ALL) > bytes
  }

  /** Deletes messages that came before a time, in ms since 1970. */
  old(before: number, { isNeeded, also }: InboxNeeds): Batch {
    const end = new Date(before).toISOString()
    let place = 0
    return () =>
      this.#db.write(() => {
        const rows = this.#db.all(
          `SELECT n, id, sender, lane, accepted FROM inbox_message WHERE n > $n ORDER BY n LIMIT $limit`,
          { $n: place, $limit: MOST },
        )
        const old = rows.filter(({ accepted }) => String(accepted) < end)
        inTime(old, ({ n, id, sender, lane }) => {
          place = Number(n)
          if (isNeeded(String(id))) return
          this.#store.delete(String(id))
          also({ id: String(id), person: String(sender), lane: String(lane) })
        })
        return old.length > 0
      })
  }

  /** Deletes the oldest messages of whoever has most, until everything is within the bounds. */
  room({ isNeeded, also }: InboxNeeds): Batch {
    const places = new Map<string, number>()
    const done = new Set<string>()
    return () =>
      this.#db.write(() => {
        const full = this.#fullest(done)
        if (!full) return false
        const { person } = full
        const rows = this.#db.all(
          `SELECT n, id, lane, size FROM inbox_message WHERE sender = $person AND n > $n ORDER BY n LIMIT $limit`,
          { $person: person, $n: places.get(person) ?? 0, $limit: MOST },
        )
        // What is left of this person is needed.
        if (rows.length === 0) done.add(person)
        let { over } = full
        inTime(rows, ({ n, id, lane, size }) => {
          if (over <= 0) return
          places.set(person, Number(n))
          if (isNeeded(String(id))) return
          this.#store.delete(String(id))
          also({ id: String(id), person, lane: String(lane) })
          over -= Number(size)
        })
        return true
      })
  }

  /** Whoever has most of those who have not made room yet, and how many bytes are too many. */
  #fullest(done: ReadonlySet<string>): { person: string; over: number } | undefined {
    const { bytes, bytesPerPerson } = this.#bounds
    const row = this.#db
      .all(
        'SELECT person, bytes FROM inbox_usage WHERE person > $all ORDER BY bytes DESC LIMIT $n',
        {
          $all: ALL,
          $n: done.size + 1,
        },
      )
      .find(({ person }) => !done.has(String(person)))
    if (!row) return undefined
    const over = Math.max(Number(row.bytes) - bytesPerPerson, this.#usage(ALL) - bytes)
    return over > 0 ? { person: String(row.person), over } : undefined
  }

  #usage(person: string): number {
    const row = this.#db.get('SELECT bytes FROM inbox_usage WHERE person = $person', {
      $person: person,
    })
    return Number(row?.bytes ?? 0)
  }
}
