// Leases on rows of a table of work, posts or edits. A worker leases a row for a while and records
// the result; if its lease was taken over meanwhile, it cannot record anything.
import { Undone } from '../storage/database.ts'
import type { Database, Row } from '../storage/database.ts'
import type { Leased, Leasing, Suspicion } from './outbox.ts'
import { Unreadable } from './rows.ts'
import { OPEN } from './tables.ts'

/** Another worker has this work now, so the result of this one is not recorded. */
export class LeaseLost extends Undone {
  override name = 'LeaseLost'
}

/** Work is given up when the relay died (killed, out of memory) this many times in a row at it. */
const MOST_DEATHS = 3

export type Values = Record<string, string | number | null>

export interface LeasesDeps<C extends Leased> {
  db: Database
  /** Whole milliseconds of this process. */
  monotonic: () => number
  table: 'post' | 'edit'
  /** The table's column with the id of the post. */
  key: string
  /**
   * SQL for the next row that is due at `$now`, with the columns `id`, `lease`, `attempts` and
   * `deaths`.
   */
  next: (which: Suspicion) => string
  /** Makes the claim from a row of `next`, read before it was leased. @throws {Unreadable} */
  read: (row: Row, leased: Leased) => C
  /** Records that the row is not tried again. */
  refuse: (row: Row, leased: Leased, error: string) => Promise<void>
}

export class Leases<C extends Leased> implements Leasing<C> {
  readonly #deps: LeasesDeps<C>

  /** Ends the leases of an earlier process. The caller holds the lock, so that process is gone. */
  constructor(deps: LeasesDeps<C>) {
    this.#deps = deps
    const { db, table } = deps
    // No result of these attempts was recorded: the relay died during them.
    db.define(
      `UPDATE ${table} SET state = 'retry', due_at = 0, deaths = deaths + 1 WHERE state = 'leased'`,
    )
    // Due times were counted by that process and mean nothing to this one.
    db.define(`UPDATE ${table} SET due_at = 0 WHERE ${OPEN} AND due_at <> 0`)
  }

  hasSuspect(): boolean {
    return this.#next('suspects') !== undefined
  }

  /** A row that cannot be read is refused at once: otherwise it would come first at every claim. */
  async claim(leaseMs: number, which: Suspicion = 'others'): Promise<C | undefined> {
    const { db, refuse } = this.#deps
    // Most of the time nothing is due. Looking first saves a commit.
    while (this.#next(which)) {
      // Committed before anything of the post is read: reading it counts as part of the attempt.
      const row = await db.write(() => this.#lease(leaseMs, which))
      if (!row) return undefined
      const leased = leasedOf(row)
      const claim = tooDeadly(row.deaths) ?? this.#read(row, leased)
      if (typeof claim !== 'string') return claim
      await refuse(row, leased, claim)
    }
    return undefined
  }

  async renew(leased: Leased, leaseMs: number): Promise<void> {
    const { db, monotonic } = this.#deps
    await db.write(() => this.record(leased, 'due_at = $due', { $due: monotonic() + leaseMs }))
  }

  async step(leased: Leased, step: Record<string, unknown>): Promise<void> {
    const values = { $step: JSON.stringify(step) }
    await this.#deps.db.write(() => this.record(leased, 'step = $step', values))
  }

  async release(leased: Leased): Promise<void> {
    await this.#deps.db.write(() =>
      this.record(leased, `state = 'retry', attempts = attempts - 1, due_at = 0`),
    )
  }

  /**
   * Only inside `write`.
   * @throws {LeaseLost} if the lease was taken over. This undoes the whole write.
   */
  record({ id, lease }: Leased, assignments: string, values: Values = {}): void {
    const { db, table, key } = this.#deps
    const changed = db.run(
      `UPDATE ${table} SET ${assignments} WHERE ${key} = $id AND state = 'leased' AND lease = $lease`,
      { ...values, $id: id, $lease: lease },
    )
    if (changed === 0) throw new LeaseLost(`The lease of ${table} ${id} was taken over`)
  }

  #next(which: Suspicion): Row | undefined {
    const { db, next, monotonic } = this.#deps
    return db.get(next(which), { $now: monotonic() })
  }

  #lease(leaseMs: number, which: Suspicion): Row | undefined {
    const { db, table, key, monotonic } = this.#deps
    const row = this.#next(which)
    if (!row) return undefined
    db.run(
      `UPDATE ${table} SET state = 'leased', lease = lease + 1, attempts = attempts + 1, due_at = $due WHERE ${key} = $id`,
      { $due: monotonic() + leaseMs, $id: row.id ?? null },
    )
    return row
  }

  /** The claim, or a sentence that says why the row cannot be read. */
  #read(row: Row, leased: Leased): C | string {
    try {
      return this.#deps.read(row, leased)
    } catch (error) {
      if (error instanceof Unreadable) return error.message
      throw error
    }
  }
}

const leasedOf = (row: Row): Leased => ({ id: String(row.id), lease: Number(row.lease) + 1 })

/** Why this work is not tried again; undefined if it may be. @param deaths - The row's column. */
function tooDeadly(deaths: unknown): string | undefined {
  if (typeof deaths !== 'number' || deaths < MOST_DEATHS) return undefined
  return `The relay ended ${deaths} times in a row while it worked on this, killed or out of memory, so it is not tried again; send less at once, or a file instead of text`
}
