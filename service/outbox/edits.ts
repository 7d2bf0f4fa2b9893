// Changes of posts by their senders, on SQLite: one row per post, with the newest state only. A
// worker can record a result only while it holds the lease.
import type { Delivered } from '../chat/chat.ts'
import type { Blobs } from '../storage/blobs.ts'
import type { Database } from '../storage/database.ts'
import { hashOf } from './content-hash.ts'
import { isRepeated, remember } from './edit-keys.ts'
import type { EventLog } from './events.ts'
import type { Lanes } from './lanes.ts'
import { Leases } from './lease.ts'
import type { Changed, ChangeOptions, Content, EditClaim, Edits } from './outbox.ts'
import { dropUnneeded } from './shared-content.ts'

/** A lease on one state of a post. */
type LeasedEdit = Pick<EditClaim, 'id' | 'lane' | 'lease' | 'version'>

const REFUSED = 'Its last change was refused'

export interface EditsDeps {
  db: Database
  blobs: Blobs
  events: EventLog
  lanes: Lanes
  /** Milliseconds since 1970, for times that must outlive this process. */
  now: () => number
  /** Milliseconds of this process, for when something is due. */
  monotonic: () => number
}

export class SqliteEdits implements Edits {
  readonly leases: Leases
  readonly #db: Database
  readonly #blobs: Blobs
  readonly #events: EventLog
  readonly #lanes: Lanes
  readonly #now: () => number
  readonly #monotonic: () => number

  constructor({ db, blobs, events, lanes, now, monotonic }: EditsDeps) {
    this.#db = db
    this.#blobs = blobs
    this.#events = events
    this.#lanes = lanes
    this.#now = now
    this.#monotonic = monotonic
    // These times were counted by an earlier process and mean nothing to this one.
    db.define('UPDATE edit SET written_at = 0 WHERE written_at <> 0')
    this.leases = new Leases({ db, lanes, monotonic, kind: 'edit', key: 'post' })
  }

  async change(
    id: string,
    content: Content | (() => Content),
    { gapMs, idempotency, origin }: ChangeOptions,
  ): Promise<Changed> {
    return this.#write((): Changed => {
      if (idempotency && isRepeated(this.#db, idempotency)) return 'repeated'
      const stage = this.#stage(id)
      if (stage === 'final') return stage
      if (idempotency) remember(this.#db, idempotency, this.#now())
      const owner = `${stage === 'waiting' ? 'base' : 'edit'}:${id}`
      const kept = typeof content === 'function' ? content() : content
      this.#keep(owner, id, kept)
      if (stage === 'stored') this.#ask(id, false, gapMs)
      this.#db.run('UPDATE post SET kept = 1 WHERE id = $id AND kept = 0', { $id: id })
      const circumstances = { ...hashOf(kept), origin }
      this.#events.add(id, stage === 'waiting' ? 'rewritten' : 'edited', circumstances)
      return stage
    })
  }

  async remove(id: string, origin?: string): Promise<Exclude<Changed, 'repeated'>> {
    return this.#write(() => {
      const stage = this.#stage(id)
      if (stage === 'stored') {
        this.#ask(id, true, 0)
        this.#events.audit.ofPost(id, 'removal asked', { origin })
      }
      if (stage === 'waiting') this.#delete(id, 'withdrawn', origin)
      return stage
    })
  }

  async written(claim: EditClaim, delivered: Delivered, gapMs: number): Promise<void> {
    await this.#write(() => {
      const now = this.#monotonic()
      this.leases.record(
        claim,
        `state = CASE WHEN wanted > $version THEN 'ready' ELSE 'done' END,
         due_at = $due, written_at = $now, attempts = 0, deaths = 0`,
        { $version: claim.version, $due: now + gapMs, $now: now },
      )
      this.#db.run(
        `UPDATE post SET messages = $messages, url = $url, thread_root = $thread, error = NULL, settled = $at WHERE id = $id`,
        {
          $at: this.#now(),
          $messages: JSON.stringify(delivered.messages),
          $url: delivered.url ?? null,
          $thread: delivered.thread,
          $id: claim.id,
        },
      )
      this.#events.add(claim.id, 'written')
    })
  }

  async removed(claim: EditClaim): Promise<void> {
    await this.#write(() => {
      this.leases.record(claim, `state = 'done'`)
      this.#delete(claim.id, 'removed')
    })
  }

  async retry(claim: EditClaim, due: number, error: string): Promise<void> {
    await this.#failedTry(claim, 'retry', due, `Its last change could not be made yet: ${error}`)
  }

  async dead(claim: LeasedEdit, error: string): Promise<void> {
    await this.#failedTry(claim, 'failed', this.#monotonic(), `${REFUSED}: ${error}`)
  }

  /** The post's lane is known now. Only inside `write`. */
  moved(id: string, lane: string): void {
    this.#db.run('UPDATE edit SET lane = $lane, free = 0 WHERE post = $id', {
      $id: id,
      $lane: lane,
    })
  }

  /** The post will never reach its service, so no change can be made there. Only inside `write`. */
  postDied(id: string): void {
    const wanted = this.#db.get('SELECT remove FROM edit WHERE post = $id', { $id: id })
    if (wanted?.remove === 1) this.#delete(id, 'removed')
    else if (wanted) {
      this.#db.run(`UPDATE edit SET state = 'failed' WHERE post = $id`, { $id: id })
      this.#lanes.settle(this.#laneOf(id))
    }
  }

  /** Drops the content and files that belong to this post alone. Only inside `write`. */
  forget(id: string): void {
    for (const owner of [`base:${id}`, `edit:${id}`]) {
      this.#blobs.drop(owner)
      this.#db.run('DELETE FROM content WHERE owner = $owner', { $owner: owner })
    }
  }

  /**
   * What can be done with a post: `waiting`, nobody has seen it yet; `stored`, it is at its service
   * or on the way there; `final`, nothing can change it.
   */
  #stage(id: string): 'waiting' | 'stored' | 'final' {
    const row = this.#db.get(
      `SELECT p.state, p.step, e.remove, e.state AS edit FROM post p LEFT JOIN edit e ON e.post = p.id WHERE p.id = $id`,
      { $id: id },
    )
    if (!row || row.state === 'dead' || row.state === 'unknown') return 'final'
    if (row.remove === 1 && row.edit !== 'failed') return 'final'
    // With a step, part of it may be at the service already: the rest must be of the same content.
    const isUntouched = row.state !== 'leased' && row.state !== 'sent' && row.step === null
    return isUntouched && row.edit === null ? 'waiting' : 'stored'
  }

  #keep(owner: string, id: string, { blocks, files, source }: Content): void {
    this.#blobs.drop(owner)
    this.#blobs.keep(owner, files)
    this.#db.run(
      `INSERT OR REPLACE INTO content (owner, blocks, source)
       SELECT $owner, $blocks, coalesce($source,
         (SELECT source FROM content WHERE owner = 'edit:' || $id), (SELECT source FROM content WHERE owner = 'base:' || $id),
         s.source)
       FROM post p JOIN submission s ON s.id = p.submission WHERE p.id = $id`,
      {
        $owner: owner,
        $id: id,
        $blocks: JSON.stringify(blocks),
        $source: source === undefined ? null : JSON.stringify(source),
      },
    )
  }

  /**
   * If a change is still waiting, the new one takes its place in the lane; otherwise it comes after
   * all posts accepted so far.
   */
  #ask(id: string, remove: boolean, gapMs: number): void {
    const lane = this.#laneOf(id)
    this.#db.run(
      `INSERT INTO edit (post, lane, remove, after, asked_at, state, due_at)
       VALUES ($id, $lane, $remove, (SELECT max(seq) FROM post), $asked, 'ready', $now)
       ON CONFLICT (post) DO UPDATE SET remove = $remove, wanted = wanted + 1, deaths = 0, asked_at = $asked,
         after = CASE WHEN state IN ('done', 'failed') THEN excluded.after ELSE after END,
         free = CASE WHEN state IN ('done', 'failed') THEN 0 ELSE free END,
         attempts = CASE WHEN state IN ('done', 'failed') THEN 0 ELSE attempts END,
         due_at = CASE WHEN state IN ('done', 'failed') THEN max($now, written_at + $gap) ELSE due_at END,
         state = CASE WHEN state IN ('done', 'failed') THEN 'ready' ELSE state END`,
      {
        $id: id,
        $lane: lane,
        $remove: remove ? 1 : 0,
        $asked: this.#now(),
        $now: this.#monotonic(),
        $gap: gapMs,
      },
    )
    this.#lanes.settle(lane)
  }

  #laneOf(id: string): string {
    return String(this.#db.get('SELECT lane FROM post WHERE id = $id', { $id: id })?.lane)
  }

  #delete(id: string, event: 'removed' | 'withdrawn', origin?: string): void {
    const row = this.#db.get('SELECT lane, submission FROM post WHERE id = $id', { $id: id })
    this.#events.add(id, event, { origin })
    this.forget(id)
    this.#db.run('DELETE FROM post WHERE id = $id', { $id: id })
    dropUnneeded(this.#db, this.#blobs, String(row?.submission))
    this.#lanes.settle(String(row?.lane))
  }

  async #failedTry(claim: LeasedEdit, state: string, due: number, error: string): Promise<void> {
    const { id, version } = claim
    await this.#write(() => {
      // A newer change that came meanwhile is tried for itself.
      this.leases.record(
        claim,
        `state = CASE WHEN wanted > $version THEN 'ready' ELSE $state END, deaths = 0, due_at = $due`,
        { $version: version, $state: state, $due: due },
      )
      this.#db.run('UPDATE post SET error = $error WHERE id = $id', { $error: error, $id: id })
      this.#events.add(id, state === 'failed' ? 'edit refused' : 'edit failed')
    })
  }

  async #write<T>(change: () => T): Promise<T> {
    const result = await this.#db.write(change)
    this.#events.tell()
    return result
  }
}
