// The outbox on SQLite: what its worker takes and records. Every change is written with its event in one commit, and every record of a
// worker is fenced by the attempt it was leased for, so that a worker whose lease was taken over records nothing.
import type { Accepted } from '../../post/contract/schema.ts'
import type { Blobs } from '../storage/blobs.ts'
import type { Delivered, Destination } from '../chat/chat.ts'
import type { Database, Row } from '../storage/database.ts'
import { SqliteEdits } from './edits.ts'
import { EventLog } from './events.ts'
import { LeaseLost, tooDeadly } from './lease.ts'
import type { Claim, Outbox, Submission } from './outbox.ts'
import {
  Unreadable,
  blocksOf,
  destinationOf,
  sourceOf,
  stepOf,
  stringsOf,
  targetOf,
} from './rows.ts'
import { Submissions, laneOf } from './submissions.ts'
import * as sql from './tables.ts'
import { OutboxView } from './view.ts'

/** What tells a worker's lease from a later one. */
type Leased = Pick<Claim, 'id' | 'attempt'>

const leasedOf = (row: Row): Leased => ({
  id: String(row.id),
  attempt: Number(row.attempts) + 1,
})

export class SqliteOutbox extends OutboxView implements Outbox {
  readonly edits: SqliteEdits
  readonly #events: EventLog
  readonly #submissions: Submissions
  readonly #monotonic: () => number

  /**
   * Leases of an earlier process end here: the caller holds the lock on the database, so that process is gone.
   *
   * @param now - Milliseconds since 1970, for what is shown.
   * @param monotonic - Whole milliseconds of this process, for what is due: a clock that is set lets nothing wait.
   */
  constructor(db: Database, blobs: Blobs, now: () => number, monotonic = now) {
    super(db, blobs, now)
    this.#monotonic = monotonic
    db.define(sql.TABLES)
    for (const column of sql.LATER_COLUMNS) db.addColumn(...column)
    db.define(sql.LATER_INDEXES)
    for (const count of sql.COUNT_DEATHS) db.define(count)
    // What was due was said in the time of that process.
    for (const table of ['post', 'edit'])
      db.define(`UPDATE ${table} SET due_at = 0 WHERE ${sql.OPEN} AND due_at <> 0`)
    db.define('UPDATE edit SET written_at = 0 WHERE written_at <> 0')
    this.#events = new EventLog(db, now)
    this.#submissions = new Submissions(db, blobs, this.#events, now)
    this.edits = new SqliteEdits(db, blobs, this.#events, now, monotonic)
  }

  answered(person: string, idempotency: { key: string; hash: string }): Accepted | undefined {
    return this.#submissions.answered(person, idempotency)
  }

  async accept(
    submission: Submission,
    also?: (answer: Accepted) => void,
  ): Promise<{ answer: Accepted; repeated: boolean }> {
    const accepted = await this.db.write(() => {
      const { person, idempotency } = submission
      const first = idempotency && this.answered(person.name, idempotency)
      if (first) return { answer: first, repeated: true }
      const inserted = { answer: this.#submissions.insert(submission), repeated: false }
      also?.(inserted.answer)
      return inserted
    })
    if (!accepted.repeated) this.#events.tell()
    return accepted
  }

  hasSuspect(): boolean {
    return (
      this.db.get(sql.claim('suspects'), { $now: this.#monotonic() }) !== undefined ||
      this.edits.hasSuspect()
    )
  }

  /** A post that cannot be read is dead at once: it would stand before all others at every claim. */
  async claim(leaseMs: number, which: sql.Suspicion = 'others'): Promise<Claim | undefined> {
    for (;;) {
      // Committed before anything of the post is read: reading it counts as part of the attempt.
      const row = await this.db.write(() => this.#lease(leaseMs, which))
      if (!row) return undefined
      const refused = tooDeadly(row.deaths)
      if (refused === undefined) {
        const claim = this.#read(row)
        if (!(claim instanceof Unreadable)) return claim
        await this.dead(leasedOf(row), claim.message)
      } else await this.dead(leasedOf(row), refused)
    }
  }

  #lease(leaseMs: number, which: sql.Suspicion): Row | undefined {
    const now = this.#monotonic()
    const row = this.db.get(sql.claim(which), { $now: now })
    if (!row) return undefined
    this.db.run(
      `UPDATE post SET state = 'leased', attempts = attempts + 1, due_at = $due WHERE id = $id`,
      { $due: now + leaseMs, $id: row.id ?? null },
    )
    return row
  }

  #read(row: Row): Claim | Unreadable {
    try {
      return this.#claimOf(row)
    } catch (error) {
      if (error instanceof Unreadable) return error
      throw error
    }
  }

  #claimOf(row: Row): Claim {
    return {
      id: String(row.id),
      attempt: Number(row.attempts) + 1,
      service: String(row.service),
      target: targetOf(row.target),
      destination: destinationOf(row.destination),
      person: { name: String(row.person), groups: stringsOf(row.groups) },
      blocks: blocksOf(row.shown),
      files: this.blobs.readAll(String(row.files)),
      source: sourceOf(row.source),
      acceptedAt: Number(row.accepted),
      thread: this.#threadRoot(row),
      step: stepOf(row.step),
    }
  }

  #threadRoot(row: Row): string | undefined {
    if (typeof row.under === 'string') {
      const above = this.db.get('SELECT thread_root FROM post WHERE id = $id', { $id: row.under })
      return typeof above?.thread_root === 'string' ? above.thread_root : undefined
    }
    if (row.thread === null || row.thread === undefined) return undefined
    const root = this.db.get(
      `SELECT p.thread_root FROM post p JOIN submission s ON s.id = p.submission
       WHERE p.person = $person AND p.lane = $lane AND s.thread = $thread AND p.state = 'sent' ORDER BY p.seq LIMIT 1`,
      { $person: row.person ?? null, $lane: row.lane ?? null, $thread: row.thread },
    )
    return typeof root?.thread_root === 'string' ? root.thread_root : undefined
  }

  async renew(claim: Claim, leaseMs: number): Promise<void> {
    await this.db.write(() => this.#fenced(claim, `due_at = ${this.#monotonic() + leaseMs}`))
  }

  async step(claim: Claim, step: Record<string, unknown>): Promise<void> {
    await this.db.write(() => this.#fenced(claim, 'step = $step', { $step: JSON.stringify(step) }))
  }

  async resolved(claim: Claim, destination: Destination): Promise<void> {
    await this.#record(
      claim,
      'resolved',
      `state = 'ready', attempts = 0, deaths = 0, due_at = 0, error = NULL,
      destination = $destination, lane = $lane, label = $label, notices = $notices`,
      {
        $destination: JSON.stringify(destination),
        $lane: laneOf(claim.service, destination),
        $label: destination.label,
        $notices: JSON.stringify(destination.notices),
      },
    )
  }

  async delivered(claim: Claim, delivered: Delivered): Promise<void> {
    await this.db.write(() => {
      const notices = this.db.get('SELECT notices FROM post WHERE id = $id', { $id: claim.id })
      this.#fenced(
        claim,
        `state = 'sent', deaths = 0, error = NULL, messages = $messages, url = $url, thread_root = $thread, notices = $notices`,
        {
          $messages: JSON.stringify(delivered.messages),
          $url: delivered.url ?? null,
          $thread: delivered.thread,
          $notices: JSON.stringify([
            ...stringsOf(notices?.notices ?? '[]'),
            ...delivered.leftOut.map((left) => `Left out: ${left}`),
          ]),
        },
      )
      this.#events.add(claim.id, 'delivered')
    })
    this.#events.tell()
  }

  async retry(claim: Claim, due: number, error: string): Promise<void> {
    await this.#record(
      claim,
      'retry',
      `state = 'retry', deaths = 0, due_at = $due, error = $error`,
      {
        $due: due,
        $error: error,
      },
    )
  }

  async dead(claim: Leased, error: string): Promise<void> {
    await this.db.write(() => this.#die(claim, error))
    this.#events.tell()
  }

  #die(claim: Leased, error: string): void {
    this.#fenced(claim, `state = 'dead', error = $error`, { $error: error })
    this.#events.add(claim.id, 'dead')
    this.edits.postDied(claim.id)
  }

  async release(claim: Claim): Promise<void> {
    await this.db.write(() =>
      this.#fenced(claim, `state = 'retry', attempts = attempts - 1, due_at = 0`),
    )
  }

  async touch(id: string, kind: 'replied' | 'watched'): Promise<void> {
    await this.db.write(() => this.#events.add(id, kind))
    this.#events.tell()
  }

  onChange(listener: () => void): () => void {
    return this.#events.onChange(listener)
  }

  async prune(before: number): Promise<void> {
    await this.db.write(() => {
      for (const { id } of this.db.all(sql.STALE, { $before: before })) {
        this.blobs.drop(String(id))
        const posts = this.db.all('SELECT id FROM post WHERE submission = $id', { $id: id ?? null })
        for (const post of posts) this.edits.forget(String(post.id))
        this.db.run('DELETE FROM post WHERE submission = $id', { $id: id ?? null })
        this.db.run('DELETE FROM submission WHERE id = $id', { $id: id ?? null })
      }
      this.db.run('DELETE FROM edit_key WHERE at < $before', { $before: before })
      this.db.run('DELETE FROM event WHERE at < $before AND post NOT IN (SELECT id FROM post)', {
        $before: before,
      })
    })
  }

  async #record(
    claim: Claim,
    kind: string,
    assignments: string,
    values: Record<string, string | number>,
  ): Promise<void> {
    await this.db.write(() => {
      this.#fenced(claim, assignments, values)
      this.#events.add(claim.id, kind)
    })
    this.#events.tell()
  }

  /** Only inside `write`. @throws {Error} if the lease was taken over: the whole change is undone. */
  #fenced(
    claim: Leased,
    assignments: string,
    values: Record<string, string | number | null> = {},
  ): void {
    const changed = this.db.run(
      `UPDATE post SET ${assignments} WHERE id = $id AND state = 'leased' AND attempts = $attempt`,
      { ...values, $id: claim.id, $attempt: claim.attempt },
    )
    if (changed === 0) throw new LeaseLost(`The lease of post ${claim.id} was taken over`)
  }
}
