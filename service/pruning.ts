// Deletes what was kept long enough: at the start, once an hour, and when the inbox is full. In
// small commits with rests in between, so that nothing waits for it, however much there is.
import { messageOf } from '../post/contract/error.ts'
import type { Config } from './config.ts'
import type { InboxNeeds } from './chat/inbox-keeping.ts'
import type { Log } from './log.ts'
import { inBatches } from './storage/batches.ts'
import type { Batch } from './storage/batches.ts'
import type { Stores } from './stores.ts'

/** Keys of requests are known this long (docs/spec.md 4.2). */
const KEY_MS = 30 * 24 * 60 * 60_000
/** A link to a post that was deleted is told as such this long. */
const LINK_MS = 365 * 24 * 60 * 60_000
const PRUNE_EVERY_MS = 60 * 60_000

export interface PruningDeps {
  stores: Pick<Stores, 'files' | 'outbox' | 'shown' | 'questions' | 'inbox' | 'inboxKeeping'>
  kept: Config['kept'] & { audit: Config['audit'] }
  log: Log
  /** Milliseconds since 1970. */
  now: () => number
}

export class Pruning {
  readonly #deps: PruningDeps
  readonly #stop = new AbortController()
  readonly #under = new Set<Promise<void>>()
  #timer: ReturnType<typeof setInterval> | undefined
  #isMakingRoom = false

  constructor(deps: PruningDeps) {
    this.#deps = deps
  }

  /** Begins at once. */
  start(): void {
    this.#run(() => this.#old())
    this.#timer = setInterval(() => this.#run(() => this.#old()), PRUNE_EVERY_MS).unref()
  }

  /** A message of this person came into the inbox. */
  added(person: string): void {
    if (this.#isMakingRoom || !this.#deps.stores.inboxKeeping.isFull(person)) return
    this.#isMakingRoom = true
    this.#run(async () => {
      try {
        await this.#do(this.#room())
      } finally {
        this.#isMakingRoom = false
      }
    })
  }

  /** Resolves when nothing is being deleted any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await Promise.all(this.#under)
  }

  #run(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => {
        this.#deps.log.error({ error: messageOf(error) }, 'cannot prune')
      })
      .finally(() => this.#under.delete(running))
    this.#under.add(running)
  }

  #do(batch: Batch): Promise<void> {
    return inBatches(batch, this.#stop.signal)
  }

  async #old(): Promise<void> {
    const { stores, kept, now } = this.#deps
    const { outbox, shown, questions, inbox, inboxKeeping } = stores
    const isNeeded = (id: string) => questions.needs(id)
    await stores.files.sweep(this.#stop.signal)
    await this.#do(inbox.measure())
    const emptied = { isNeeded, also: (id: string) => shown.empty(id) }
    await this.#do(outbox.keeping.contents(now() - kept.outbox.contentMs, emptied))
    const forgotten = { isNeeded, also: (id: string) => shown.forget(id) }
    await this.#do(outbox.keeping.posts(now() - kept.outbox.postMs, forgotten))
    await this.#do(inboxKeeping.old(now() - kept.inbox.keepMs, this.#inboxNeeds('old')))
    await this.#do(this.#room())
    await this.#do(questions.orphans())
    await this.#do(questions.oldMessages(now() - KEY_MS))
    await this.#do(shown.orphans((posts) => outbox.forgotten(posts)))
    await this.#do(outbox.keeping.events(now() - kept.outbox.postMs))
    await this.#do(outbox.keeping.keys(now() - KEY_MS))
    await this.#do(outbox.keeping.links(now() - LINK_MS))
    await this.#do(outbox.audit.old(now() - kept.audit.keepMs, kept.audit.rows))
  }

  #room(): Batch {
    return this.#deps.stores.inboxKeeping.room(this.#inboxNeeds('room'))
  }

  /** With a message of the inbox the outbox's copy goes too. */
  #inboxNeeds(why: 'old' | 'room'): InboxNeeds {
    const { outbox, questions } = this.#deps.stores
    return {
      isNeeded: (id) => questions.needs(id) || outbox.isOpen(id),
      also: ({ id, person, lane }) => {
        outbox.keeping.remove({ id, person, lane: `inbox:${lane}` }, why)
      },
    }
  }
}
