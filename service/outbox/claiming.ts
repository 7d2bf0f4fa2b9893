// Claims the job whose turn it is: leases it, then reads what is needed to do it.
import type { Blobs } from '../storage/blobs.ts'
import type { Database, Row } from '../storage/database.ts'
import type { Lanes } from './lanes.ts'
import type { Leases } from './lease.ts'
import type { ClaimOptions, Claimed, JobKind, Leased, Suspicion } from './outbox.ts'
import * as sql from './queries.ts'
import { Unreadable, claimOf, editClaimOf } from './rows.ts'

/** Work is given up when the relay died (killed, out of memory) this many times in a row at it. */
const MOST_DEATHS = 3

export interface ClaimingDeps {
  db: Database
  blobs: Blobs
  lanes: Lanes
  leases: Readonly<Record<JobKind, Leases>>
  /** Records that the row is not tried again. */
  refuse: Readonly<Record<JobKind, (row: Row, leased: Leased, error: string) => Promise<void>>>
}

interface LeasedRow {
  kind: JobKind
  row: Row
  leased: Leased
}

export class Claiming {
  readonly #deps: ClaimingDeps

  constructor(deps: ClaimingDeps) {
    this.#deps = deps
  }

  /** A row that cannot be read is refused at once: otherwise it would come first at every claim. */
  async claim({ service, leaseMs, which = 'others' }: ClaimOptions): Promise<Claimed | undefined> {
    const { db, lanes, refuse } = this.#deps
    // Most of the time nothing is due. Looking first saves a commit.
    while (lanes.has(service, which)) {
      // Committed before anything of the post is read: reading it counts as part of the attempt.
      const taken = await db.write(() => this.#lease(service, leaseMs, which))
      if (!taken) return undefined
      const claimed = tooDeadly(taken.row.deaths) ?? this.#read(taken)
      if (typeof claimed !== 'string') return claimed
      await refuse[taken.kind](taken.row, taken.leased, claimed)
    }
    return undefined
  }

  #lease(service: string, leaseMs: number, which: Suspicion): LeasedRow | undefined {
    const { db, lanes, leases } = this.#deps
    const job = lanes.take(service, which)
    const row = job && db.get(sql.JOB[job.kind], { $id: job.id })
    if (!row) return undefined
    return { kind: job.kind, row, leased: leases[job.kind].lease(row, leaseMs) }
  }

  /** The claim, or a sentence that says why the row cannot be read. */
  #read({ kind, row, leased }: LeasedRow): Claimed | string {
    const { blobs } = this.#deps
    try {
      if (kind === 'edit') return { kind, ...editClaimOf(row, leased, blobs) }
      return { kind, ...claimOf(row, leased, blobs, this.#threadRoot(row)) }
    } catch (error) {
      if (error instanceof Unreadable) return error.message
      throw error
    }
  }

  /** The root of the thread that a post belongs in. */
  #threadRoot(row: Row): string | undefined {
    const { db } = this.#deps
    if (typeof row.under === 'string') {
      const above = db.get('SELECT thread_root FROM post WHERE id = $id', { $id: row.under })
      return typeof above?.thread_root === 'string' ? above.thread_root : undefined
    }
    if (row.thread === null || row.thread === undefined) return undefined
    const root = db.get(sql.THREAD_ROOT, {
      $person: row.person ?? null,
      $lane: row.lane ?? null,
      $thread: row.thread,
    })
    return typeof root?.thread_root === 'string' ? root.thread_root : undefined
  }
}

/** Why this work is not tried again; undefined if it may be. @param deaths - The row's column. */
function tooDeadly(deaths: unknown): string | undefined {
  if (typeof deaths !== 'number' || deaths < MOST_DEATHS) return undefined
  return `The relay ended ${deaths} times in a row while it worked on this, killed or out of memory, so it is not tried again; send less at once, or a file instead of text`
}
