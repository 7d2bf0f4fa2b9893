// What happened to posts, in order: the source of the event stream and of the audit trail. Events
// are only ever added, in the commit of the change that they report; listeners are called after it.
import type { Audit, Circumstances, Deed } from './audit.ts'
import type { Database } from '../storage/database.ts'

/** @param posts - Their ids; what happened to them is committed. */
export type OnChange = (posts: ReadonlySet<string>) => void
/** Kind of an event -> what the audit trail says. Tries that are repeated are not in it. */
const AUDITED: Readonly<Record<string, Deed>> = {
  accepted: 'accepted',
  delivered: 'delivered',
  dead: 'given up',
  rewritten: 'changed',
  edited: 'changed',
  written: 'change delivered',
  'edit refused': 'change refused',
  withdrawn: 'withdrawn',
  removed: 'removed',
}

export class EventLog {
  readonly #db: Database
  readonly #now: () => number
  readonly audit: Audit
  readonly #listeners = new Set<OnChange>()
  /** Posts with events since the listeners were called. */
  #changed = new Set<string>()
  #isTelling = false

  constructor(db: Database, now: () => number, audit: Audit) {
    this.#db = db
    this.#now = now
    this.audit = audit
  }

  /** Only inside `Database.write`, while the post's row is there. */
  add(post: string, kind: string, circumstances?: Circumstances): void {
    this.#db.run(
      `INSERT INTO event (post, at, kind, detail, person, lane)
       SELECT id, $at, $kind, '', person, lane FROM post WHERE id = $post`,
      { $post: post, $at: this.#now(), $kind: kind },
    )
    this.#changed.add(post)
    const deed = AUDITED[kind]
    if (deed) this.audit.ofPost(post, deed, circumstances)
  }

  /** Calls the listeners, once for all changes of a commit. Only after the commit. */
  tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      const posts = this.#changed
      this.#changed = new Set()
      for (const listener of this.#listeners) listener(posts)
    })
  }

  /** Returns the function that removes the listener. */
  onChange(listener: OnChange): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
