// Leases on rows of a table of work, posts or edits. A worker leases a row for a while and records
// the result; if its lease was taken over meanwhile, it cannot record anything.
import { Undone } from '../storage/database.ts'
import type { Database, Row } from '../storage/database.ts'
import type { Lanes } from './lanes.ts'
import type { JobKind, Leased, Leasing } from './outbox.ts'
import { OPEN } from './tables.ts'

/**
 * How long a relay must have lived before it tries a suspect, at which earlier ones died twice. If
 * it dies then too, it is that work which kills it. Otherwise a relay that something else kills
 * again and again would give up what it happened to be doing.
 */
const QUIET_MS = 10_000

/** Another worker has this work now, so the result of this one is not recorded. */
export class LeaseLost extends Undone {
  override name = 'LeaseLost'
}

export type Values = Record<string, string | number | null>

export interface LeasesDeps {
  db: Database
  lanes: Lanes
  /** Whole milliseconds of this process. */
  monotonic: () => number
  /** The table's name. */
  kind: JobKind
  /** The table's column with the id of the post. */
  key: string
}

export class Leases implements Leasing {
  readonly #deps: LeasesDeps

  constructor(deps: LeasesDeps) {
    this.#deps = deps
  }

  /**
   * Ends the leases of an earlier process, which is gone. Only inside `write`.
   * @returns The lanes of these leases, and those with suspects.
   */
  endAll(): string[] {
    const { db, kind, monotonic } = this.#deps
    // With the condition of the indexes, so that finished rows are not read.
    const leased = `${OPEN} AND state = 'leased'`
    const held = db.all(`SELECT DISTINCT lane FROM ${kind} WHERE ${leased}`)
    // No result of these attempts was recorded: the relay died during them.
    db.run(`UPDATE ${kind} SET state = 'retry', due_at = 0, deaths = deaths + 1 WHERE ${leased}`)
    // Due times were counted by that process and mean nothing to this one.
    db.run(`UPDATE ${kind} SET due_at = 0 WHERE ${OPEN} AND due_at <> 0`)
    const suspect = `${OPEN} AND deaths > 1`
    db.run(`UPDATE ${kind} SET due_at = $due WHERE ${suspect}`, { $due: monotonic() + QUIET_MS })
    const suspected = db.all(`SELECT DISTINCT lane FROM ${kind} WHERE ${suspect}`)
    return [...held, ...suspected].map(({ lane }) => String(lane))
  }

  /** Leases a row, as read before. Only inside `write`. */
  lease(row: Row, leaseMs: number): Leased {
    const { db, lanes, kind, key, monotonic } = this.#deps
    const [id, lane] = [String(row.id), String(row.lane)]
    db.run(
      `UPDATE ${kind} SET state = 'leased', lease = lease + 1, attempts = attempts + 1, due_at = $due WHERE ${key} = $id`,
      { $due: monotonic() + leaseMs, $id: id },
    )
    lanes.settle(lane)
    return { id, lane, lease: Number(row.lease) + 1 }
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
  record({ id, lease, lane }: Leased, assignments: string, values: Values = {}): void {
    const { db, lanes, kind, key } = this.#deps
    const changed = db.run(
      `UPDATE ${kind} SET ${assignments} WHERE ${key} = $id AND state = 'leased' AND lease = $lease`,
      { ...values, $id: id, $lease: lease },
    )
    if (changed === 0) throw new LeaseLost(`The lease of ${kind} ${id} was taken over`)
    lanes.settle(lane)
  }
}
