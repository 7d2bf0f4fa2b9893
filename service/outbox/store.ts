// The outbox on SQLite: accepts posts, leases them to the worker and records the results. Each
// change and its event are one commit. A worker can record a result only while it holds the lease.
import type { Accepted } from '../../post/contract/schema.ts'
import type { Blobs } from '../storage/blobs.ts'
import type { Delivered, Destination } from '../chat/chat.ts'
import type { Database, Row } from '../storage/database.ts'
import { SqliteEdits } from './edits.ts'
import { EventLog } from './events.ts'
import { Leases } from './lease.ts'
import type { Values } from './lease.ts'
import type { Claim, Leased, Outbox, Submission } from './outbox.ts'
import * as sql from './queries.ts'
import { claimOf, stringsOf } from './rows.ts'
import { Submissions, laneOf } from './submissions.ts'
import { POSTS_FOR_OTHERS, STEPS } from './tables.ts'
import { OutboxView } from './view.ts'

export class SqliteOutbox extends OutboxView implements Outbox {
  static readonly tables = STEPS
  readonly edits: SqliteEdits
  readonly leases: Leases<Claim>
  readonly #events: EventLog
  readonly #submissions: Submissions

  /**
   * Ends the leases of an earlier process. The caller holds the lock, so that process is gone.
   *
   * @param now - Milliseconds since 1970, for times that people see.
   * @param monotonic - Whole milliseconds of this process, for when something is due: setting the
   * system's clock back must not make posts wait.
   */
  constructor(db: Database, blobs: Blobs, now: () => number, monotonic = now) {
    super(db, blobs, now)
    db.define(POSTS_FOR_OTHERS)
    this.#events = new EventLog(db, now)
    this.#submissions = new Submissions(db, blobs, this.#events, now)
    this.edits = new SqliteEdits({ db, blobs, events: this.#events, now, monotonic })
    this.leases = new Leases({
      db,
      monotonic,
      table: 'post',
      key: 'id',
      next: sql.claim,
      read: (row, leased) => claimOf(row, leased, blobs, this.#threadRoot(row)),
      refuse: (_, leased, error) => this.dead(leased, error),
    })
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
      this.leases.record(
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
    await this.db.write(() => {
      this.leases.record(claim, `state = 'dead', error = $error`, { $error: error })
      this.#events.add(claim.id, 'dead')
      this.edits.postDied(claim.id)
    })
    this.#events.tell()
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

  async #record(claim: Claim, kind: string, assignments: string, values: Values): Promise<void> {
    await this.db.write(() => {
      this.leases.record(claim, assignments, values)
      this.#events.add(claim.id, kind)
    })
    this.#events.tell()
  }
}
