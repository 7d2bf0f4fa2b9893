// The lanes with work, one row each: the job that is next in the lane and when it is due. Whatever
// waits behind it costs nothing, so a claim is one look-up in an index. A lane has one job under
// way at a time.
import type { Database, Row } from '../storage/database.ts'
import type { JobKind, Suspicion } from './outbox.ts'
import * as sql from './queries.ts'
import { Turns } from './turns.ts'

/** The next job of a lane. */
interface Next {
  kind: JobKind
  row: Row
}

/** A job that may be claimed. */
export interface DueJob {
  lane: string
  kind: JobKind
  /** The post's. */
  id: string
  turn: number
}

export class Lanes {
  readonly #db: Database
  readonly #monotonic: () => number
  readonly #turns = new Turns()

  constructor(db: Database, monotonic: () => number) {
    this.#db = db
    this.#monotonic = monotonic
  }

  /** Takes over the lanes of an earlier process. Only inside `write`. */
  begin(): void {
    // Its due times mean nothing to this one.
    this.#db.run('UPDATE lane SET is_due = 1, due_at = 0 WHERE is_due = 0')
    const turns = `SELECT service, person, min(turn) AS first, max(turn) AS last FROM lane GROUP BY service, person`
    const firsts = new Map<string, number>()
    for (const row of this.#db.all(turns)) {
      const service = String(row.service)
      this.#turns.known(service, String(row.person), Number(row.last))
      firsts.set(service, Math.min(firsts.get(service) ?? Infinity, Number(row.first)))
    }
    for (const [service, first] of firsts) this.#turns.begin(service, first)
  }

  /** A post was accepted. Only inside `write`. */
  joined(lane: string): void {
    const known = this.#db.get('SELECT kind FROM lane WHERE lane = $lane', { $lane: lane })
    // Behind another post nothing changes for the lane.
    if (known?.kind !== 'post') this.settle(lane)
  }

  /** Something in the lane changed: finds its next job anew. Only inside `write`. */
  settle(lane: string): void {
    const next = this.#next(lane)
    if (!next) {
      this.#db.run('DELETE FROM lane WHERE lane = $lane', { $lane: lane })
      return
    }
    const { kind, row } = next
    const [service, person, job] = [String(row.service), String(row.person), String(row.id)]
    const isDue = row.state !== 'leased' && Number(row.due_at) <= this.#monotonic()
    this.#db.run(sql.PUT_LANE, {
      $lane: lane,
      $service: service,
      $kind: kind,
      $job: job,
      $suspect: Number(row.deaths) > 1 ? 1 : 0,
      $isDue: isDue ? 1 : 0,
      $due: Number(row.due_at),
      $person: person,
      $turn: this.#turnOf(lane, next) ?? this.#turns.give(service, person),
    })
  }

  has(service: string, which: Suspicion): boolean {
    const values = { $service: service, $suspect: which === 'suspects' ? 1 : 0 }
    if (this.#db.get(sql.NEXT_LANE, values)) return true
    return this.#db.get(sql.WAITED_LANE, { ...values, $now: this.#monotonic() }) !== undefined
  }

  /** The job whose turn it is. Only inside `write`. */
  take(service: string, which: Suspicion): DueJob | undefined {
    this.#db.run('UPDATE lane SET is_due = 1 WHERE is_due = 0 AND due_at <= $now', {
      $now: this.#monotonic(),
    })
    const row = this.#db.get(sql.NEXT_LANE, {
      $service: service,
      $suspect: which === 'suspects' ? 1 : 0,
    })
    if (!row) return undefined
    const turn = Number(row.turn)
    this.#turns.serve(service, turn)
    const kind = row.kind === 'edit' ? 'edit' : 'post'
    return { lane: String(row.lane), kind, id: String(row.job), turn }
  }

  /** When the next lane is due that is not due yet, or its lease ends. */
  nextDue(): number | undefined {
    const due = this.#db.get(sql.NEXT_DUE)?.due
    return typeof due === 'number' ? due : undefined
  }

  /** The services that have work, those that are no longer configured too. */
  services(): string[] {
    return this.#db.all('SELECT DISTINCT service FROM lane').map(({ service }) => String(service))
  }

  /** A job that is tried again keeps its turn. */
  #turnOf(lane: string, { kind, row }: Next): number | undefined {
    const known = this.#db.get('SELECT kind, job, turn FROM lane WHERE lane = $lane', {
      $lane: lane,
    })
    return known?.kind === kind && known.job === row.id ? Number(known.turn) : undefined
  }

  /**
   * What is under way, else an edit that is due, because it was asked for before the posts that
   * wait, else what is due first.
   */
  #next(lane: string): Next | undefined {
    const leased = this.#db.get(sql.LEASED_EDIT, { $lane: lane })
    if (leased) return { kind: 'edit', row: leased }
    const head = this.#db.get(sql.HEAD_POST, { $lane: lane })
    if (head?.state === 'leased') return { kind: 'post', row: head }
    this.#db.run(sql.FREE_EDITS, {
      $lane: lane,
      $before: Number(head?.seq ?? Number.MAX_SAFE_INTEGER),
    })
    const edit = this.#db.get(sql.FREE_EDIT, { $lane: lane })
    if (!edit) return head && { kind: 'post', row: head }
    if (!head) return { kind: 'edit', row: edit }
    const isFirst = Number(edit.due_at) <= Math.max(this.#monotonic(), Number(head.due_at))
    return isFirst ? { kind: 'edit', row: edit } : { kind: 'post', row: head }
  }
}
