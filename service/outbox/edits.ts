// Changes of posts by their senders, on SQLite: one row a post with its newest state. Every record of a worker is fenced by its lease.
import { RelayError } from '../errors.ts'
import type { Delivered } from '../chat/chat.ts'
import type { Blobs } from '../storage/blobs.ts'
import type { Database, Row } from '../storage/database.ts'
import type { EventLog } from './events.ts'
import { LeaseLost, tooDeadly } from './lease.ts'
import type { Changed, ChangeOptions, Content, EditClaim, Edits } from './outbox.ts'
import { Unreadable, editClaimOf } from './rows.ts'
import * as sql from './tables.ts'

/** What tells a worker's lease from a later one. */
type Leased = Pick<EditClaim, 'id' | 'lease' | 'version'>
type Values = Record<string, string | number | null>

const leasedOf = (row: Row): Leased => ({
  id: String(row.id),
  lease: Number(row.lease) + 1,
  version: Number(row.wanted),
})

const REFUSED = 'Its last change was refused'

export class SqliteEdits implements Edits {
  readonly #db: Database
  readonly #blobs: Blobs
  readonly #events: EventLog
  readonly #now: () => number
  readonly #monotonic: () => number

  /** @param monotonic - For what is due, `now` for what is stored for long. */
  constructor(
    db: Database,
    blobs: Blobs,
    events: EventLog,
    now: () => number,
    monotonic: () => number,
  ) {
    this.#db = db
    this.#blobs = blobs
    this.#events = events
    this.#now = now
    this.#monotonic = monotonic
  }

  async change(
    id: string,
    content: Content | (() => Content),
    { gapMs, idempotency }: ChangeOptions,
  ): Promise<Changed> {
    return this.#write((): Changed => {
      if (idempotency && this.#isRepeated(idempotency)) return 'repeated'
      const stage = this.#stage(id)
      if (stage === 'final') return stage
      if (idempotency) this.#remember(idempotency)
      const owner = `${stage === 'waiting' ? 'base' : 'edit'}:${id}`
      this.#keep(owner, id, typeof content === 'function' ? content() : content)
      if (stage === 'stored') this.#ask(id, false, gapMs)
      this.#events.add(id, stage === 'waiting' ? 'rewritten' : 'edited')
      return stage
    })
  }

  async remove(id: string): Promise<Exclude<Changed, 'repeated'>> {
    return this.#write(() => {
      const stage = this.#stage(id)
      if (stage === 'stored') this.#ask(id, true, 0)
      if (stage === 'waiting') this.#delete(id, 'withdrawn')
      return stage
    })
  }

  hasSuspect(): boolean {
    return this.#db.get(sql.claimEdit('suspects'), { $now: this.#monotonic() }) !== undefined
  }

  /** A change that cannot be read has failed at once: it would stand before all others at every claim. */
  async claim(leaseMs: number, which: sql.Suspicion = 'others'): Promise<EditClaim | undefined> {
    // Asked before each post: most relays have no edit most of the time, and reading needs no commit.
    while (this.#db.get(sql.claimEdit(which), { $now: this.#monotonic() })) {
      // Committed before anything of the change is read: reading it counts as part of the attempt.
      const row = await this.#db.write(() => this.#lease(leaseMs, which))
      if (!row) return undefined
      const refused = tooDeadly(row.deaths)
      if (refused === undefined) {
        const claim = this.#read(row)
        if (!(claim instanceof Unreadable)) return claim
        await this.failed(leasedOf(row), claim.message)
      } else await this.failed(leasedOf(row), refused)
    }
    return undefined
  }

  #lease(leaseMs: number, which: sql.Suspicion): Row | undefined {
    const now = this.#monotonic()
    const row = this.#db.get(sql.claimEdit(which), { $now: now })
    if (!row) return undefined
    this.#db.run(
      `UPDATE edit SET state = 'leased', lease = lease + 1, attempts = attempts + 1, due_at = $due WHERE post = $id`,
      { $due: now + leaseMs, $id: row.id ?? null },
    )
    return row
  }

  #read(row: Row): EditClaim | Unreadable {
    try {
      return editClaimOf(row, this.#blobs)
    } catch (error) {
      if (error instanceof Unreadable) return error
      throw error
    }
  }

  async renew(claim: EditClaim, leaseMs: number): Promise<void> {
    await this.#db.write(() =>
      this.#fenced(claim, 'due_at = $due', { $due: this.#monotonic() + leaseMs }),
    )
  }

  async step(claim: EditClaim, step: Record<string, unknown>): Promise<void> {
    await this.#db.write(() => this.#fenced(claim, 'step = $step', { $step: JSON.stringify(step) }))
  }

  async written(claim: EditClaim, delivered: Delivered, gapMs: number): Promise<void> {
    await this.#write(() => {
      const now = this.#monotonic()
      this.#fenced(
        claim,
        `state = CASE WHEN wanted > $version THEN 'ready' ELSE 'done' END,
         due_at = $due, written_at = $now, attempts = 0, deaths = 0`,
        { $version: claim.version, $due: now + gapMs, $now: now },
      )
      this.#db.run(
        `UPDATE post SET messages = $messages, url = $url, thread_root = $thread, error = NULL WHERE id = $id`,
        {
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
      this.#fenced(claim, `state = 'done'`)
      this.#delete(claim.id, 'removed')
    })
  }

  async retry(claim: EditClaim, due: number, error: string): Promise<void> {
    await this.#failedTry(claim, 'retry', due, `Its last change is not there yet: ${error}`)
  }

  async failed(claim: Leased, error: string): Promise<void> {
    await this.#failedTry(claim, 'failed', this.#monotonic(), `${REFUSED}: ${error}`)
  }

  async release(claim: EditClaim): Promise<void> {
    await this.#db.write(() =>
      this.#fenced(claim, `state = 'retry', attempts = attempts - 1, due_at = 0`),
    )
  }

  /** Only inside `write`: the post will never be at its service, so nothing of it can be changed there. */
  postDied(id: string): void {
    const wanted = this.#db.get('SELECT remove FROM edit WHERE post = $id', { $id: id })
    if (wanted?.remove === 1) this.#delete(id, 'removed')
    else this.#db.run(`UPDATE edit SET state = 'failed' WHERE post = $id`, { $id: id })
  }

  /** Only inside `write`: drops what the post has of its own. */
  forget(id: string): void {
    for (const owner of [`base:${id}`, `edit:${id}`]) {
      this.#blobs.drop(owner)
      this.#db.run('DELETE FROM content WHERE owner = $owner', { $owner: owner })
    }
  }

  /** What a change finds: nobody saw the post yet, it is at its service or on the way there, or nothing can change it. */
  #stage(id: string): 'waiting' | 'stored' | 'final' {
    const row = this.#db.get(
      `SELECT p.state, p.step, e.remove, e.state AS edit FROM post p LEFT JOIN edit e ON e.post = p.id WHERE p.id = $id`,
      { $id: id },
    )
    if (!row || row.state === 'dead' || row.state === 'unknown') return 'final'
    if (row.remove === 1 && row.edit !== 'failed') return 'final'
    // With a step some of it may be at the service already: the same content must go on.
    const isUntouched = row.state !== 'leased' && row.state !== 'sent' && row.step === null
    return isUntouched && row.edit === null ? 'waiting' : 'stored'
  }

  #isRepeated({ person, key, hash }: { person: string; key: string; hash: string }): boolean {
    const known = this.#db.get(
      'SELECT idem_hash FROM edit_key WHERE person = $person AND idem_key = $key',
      { $person: person, $key: key },
    )
    if (known && known.idem_hash !== hash) {
      throw new RelayError(
        'idempotency_conflict',
        `The Idempotency-Key ${key} was used before for another change; use a new key for a new change`,
      )
    }
    return known !== undefined
  }

  #remember({ person, key, hash }: { person: string; key: string; hash: string }): void {
    this.#db.run('INSERT INTO edit_key VALUES ($person, $key, $hash, $at)', {
      $person: person,
      $key: key,
      $hash: hash,
      $at: this.#now(),
    })
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

  /** A change that waits keeps its place; one that comes after a finished one stands behind all posts accepted so far. */
  #ask(id: string, remove: boolean, gapMs: number): void {
    this.#db.run(
      `INSERT INTO edit (post, remove, after, asked_at, state, due_at)
       VALUES ($id, $remove, (SELECT max(seq) FROM post), $asked, 'ready', $now)
       ON CONFLICT (post) DO UPDATE SET remove = $remove, wanted = wanted + 1, deaths = 0, asked_at = $asked,
         after = CASE WHEN state IN ('done', 'failed') THEN excluded.after ELSE after END,
         attempts = CASE WHEN state IN ('done', 'failed') THEN 0 ELSE attempts END,
         due_at = CASE WHEN state IN ('done', 'failed') THEN max($now, written_at + $gap) ELSE due_at END,
         state = CASE WHEN state IN ('done', 'failed') THEN 'ready' ELSE state END`,
      {
        $id: id,
        $remove: remove ? 1 : 0,
        $asked: this.#now(),
        $now: this.#monotonic(),
        $gap: gapMs,
      },
    )
  }

  #delete(id: string, event: 'removed' | 'withdrawn'): void {
    this.#events.add(id, event)
    this.forget(id)
    this.#db.run('DELETE FROM post WHERE id = $id', { $id: id })
  }

  async #failedTry(claim: Leased, state: string, due: number, error: string): Promise<void> {
    await this.#write(() => this.#recordFailure(claim, state, due, error))
  }

  #recordFailure(claim: Leased, state: string, due: number, error: string): void {
    // What came meanwhile has a try of its own.
    this.#fenced(
      claim,
      `state = CASE WHEN wanted > $version THEN 'ready' ELSE $state END, deaths = 0, due_at = $due`,
      { $version: claim.version, $state: state, $due: due },
    )
    this.#db.run('UPDATE post SET error = $error WHERE id = $id', { $error: error, $id: claim.id })
    this.#events.add(claim.id, 'edit failed')
  }

  /** Only inside `write`. @throws {LeaseLost} the whole change is undone. */
  #fenced(claim: Leased, assignments: string, values: Values = {}): void {
    const changed = this.#db.run(
      `UPDATE edit SET ${assignments} WHERE post = $post AND state = 'leased' AND lease = $lease`,
      { ...values, $post: claim.id, $lease: claim.lease },
    )
    if (changed === 0)
      throw new LeaseLost(`The lease of a change of post ${claim.id} was taken over`)
  }

  async #write<T>(change: () => T): Promise<T> {
    const result = await this.#db.write(change)
    this.#events.tell()
    return result
  }
}
