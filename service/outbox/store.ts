// The outbox on SQLite: accepts posts, leases them to the worker and records the results. Each
// change and its event are one commit. A worker can record a result only while it holds the lease.
import type { Accepted } from '../../post/contract/schema.ts'
import { Audit } from './audit.ts'
import type { Blobs } from '../storage/blobs.ts'
import type { Delivered, Destination } from '../chat/chat.ts'
import type { Database } from '../storage/database.ts'
import { Claiming } from './claiming.ts'
import { SqliteEdits } from './edits.ts'
import { EventLog } from './events.ts'
import type { OnChange } from './events.ts'
import { SqliteKeeping } from './keeping.ts'
import { LaneCount } from './lane-count.ts'
import { Lanes } from './lanes.ts'
import { Leases } from './lease.ts'
import { LISTING } from './listing.ts'
import type { Claim, ClaimOptions, Claimed, Leased, Outbox, Submission } from './outbox.ts'
import { stringsOf } from './rows.ts'
import { Submissions, laneOf } from './submissions.ts'
import { POSTS_FOR_OTHERS, STEPS } from './tables.ts'
import { OutboxView } from './view.ts'

export class SqliteOutbox extends OutboxView implements Outbox {
  static readonly tables = { ...STEPS, ...LISTING }
  readonly edits: SqliteEdits
  readonly keeping: SqliteKeeping
  readonly audit: Audit
  readonly laneCount: LaneCount
  readonly leases: Leases
  readonly #lanes: Lanes
  readonly #claiming: Claiming
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
    this.audit = new Audit(db, now)
    this.#events = new EventLog(db, now, this.audit)
    this.#lanes = new Lanes(db, monotonic)
    const lanes = this.#lanes
    this.#submissions = new Submissions({ db, blobs, events: this.#events, lanes, now })
    this.edits = new SqliteEdits({ db, blobs, events: this.#events, lanes, now, monotonic })
    this.keeping = new SqliteKeeping({ db, blobs, edits: this.edits, now })
    this.leases = new Leases({ db, lanes, monotonic, kind: 'post', key: 'id' })
    this.#claiming = new Claiming({
      db,
      blobs,
      lanes,
      leases: { post: this.leases, edit: this.edits.leases },
      refuse: {
        post: (_, leased, error) => this.dead(leased, error),
        edit: (row, leased, error) =>
          this.edits.dead({ ...leased, version: Number(row.wanted) }, error),
      },
    })
    db.begin(() => {
      const held = [...this.leases.endAll(), ...this.edits.leases.endAll()]
      lanes.begin()
      for (const lane of held) lanes.settle(lane)
    })
    this.laneCount = new LaneCount(db)
  }

  claim(options: ClaimOptions): Promise<Claimed | undefined> {
    return this.#claiming.claim(options)
  }

  hasSuspect(service: string): boolean {
    return this.#lanes.has(service, 'suspects')
  }

  services(): string[] {
    return this.#lanes.services()
  }

  nextDue(): number | undefined {
    return this.#lanes.nextDue()
  }

  answered(person: string, idempotency: { key: string; hash: string }): Accepted | undefined {
    return this.#submissions.answered(person, idempotency)
  }

  async accept(
    submission: Submission,
    also?: (answer: Accepted) => void,
  ): Promise<{ answer: Accepted; repeated: boolean }> {
    const accepted = await this.db.write(() => {
      const inserted = this.#submissions.insert(submission)
      if (!inserted.repeated) also?.(inserted.answer)
      return inserted
    })
    if (!accepted.repeated) this.#events.tell()
    return accepted
  }

  async resolved(claim: Claim, destination: Destination): Promise<void> {
    const lane = laneOf(claim.service, destination)
    const values = {
      $destination: JSON.stringify(destination),
      $lane: lane,
      $label: destination.label,
      $notices: JSON.stringify(destination.notices),
    }
    await this.db.write(() => {
      this.leases.record(
        claim,
        `state = 'ready', attempts = 0, deaths = 0, due_at = 0, error = NULL,
        destination = $destination, lane = $lane, label = $label, notices = $notices`,
        values,
      )
      this.edits.moved(claim.id, lane)
      this.#lanes.settle(lane)
      this.#events.add(claim.id, 'resolved')
    })
    this.#events.tell()
  }

  async delivered(claim: Claim, delivered: Delivered): Promise<void> {
    await this.db.write(() => {
      const notices = this.db.get('SELECT notices FROM post WHERE id = $id', { $id: claim.id })
      this.leases.record(
        claim,
        `state = 'sent', deaths = 0, error = NULL, settled = $now, messages = $messages, url = $url, thread_root = $thread,
        notices = $notices`,
        {
          $now: this.now(),
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
    await this.db.write(() => {
      this.leases.record(claim, `state = 'retry', deaths = 0, due_at = $due, error = $error`, {
        $due: due,
        $error: error,
      })
      this.#events.add(claim.id, 'retry')
    })
    this.#events.tell()
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

  onChange(listener: OnChange): () => void {
    return this.#events.onChange(listener)
  }
}
