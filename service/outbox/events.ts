// What happened to posts, in order: the audit trail, and the source of the event stream. Events are
// only ever added, in the commit of the change that they report; listeners are called after it.
import type { Database } from '../storage/database.ts'

export class EventLog {
  readonly #db: Database
  readonly #now: () => number
  readonly #listeners = new Set<() => void>()

  constructor(db: Database, now: () => number) {
    this.#db = db
    this.#now = now
  }

  /** Only inside `Database.write`, while the post's row is there. */
  add(post: string, kind: string): void {
    this.#db.run(
      `INSERT INTO event (post, at, kind, detail, person, lane)
       SELECT id, $at, $kind, '', person, lane FROM post WHERE id = $post`,
      { $post: post, $at: this.#now(), $kind: kind },
    )
  }

  /** Calls the listeners. Only after the commit. */
  tell(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Returns the function that removes the listener. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
