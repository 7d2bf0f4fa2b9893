// The part of the outbox's port that deletes what was kept long enough, and tells of it afterwards.
import type { Batch } from '../storage/batches.ts'

/** Who reads a list: it shows the posts that this person sent, and those of the given lanes. */
export interface Reader {
  name: string
  lanes: readonly string[] | 'all'
}

/** What else has to do with a post that the outbox deletes. */
export interface Needed {
  /** Whether something still needs its content. */
  isNeeded: (id: string) => boolean
  /** Runs in the same commit. */
  also: (id: string) => void
}

export interface PrunedPost {
  id: string
  person: string
  lane: string
}

/** Why and when (ms since 1970) a post was deleted: it was old, or newer ones needed the room. */
export interface Pruned {
  at: number
  why: 'old' | 'room'
}

/** What the outbox deletes in time. All times are ms since 1970. */
export interface Keeping {
  /** Deletes text and files of posts that their services have had since before this time. */
  contents(before: number, needed: Needed): Batch
  /** Forgets finished posts that were accepted before this time, with their idempotency keys. */
  posts(before: number, needed: Needed): Batch
  events(before: number): Batch
  /** Forgets idempotency keys of changes. */
  keys(before: number): Batch
  /** Forgets that there were posts which were deleted before this time. */
  links(before: number): Batch
  /** Forgets a finished post. Only inside `write`. */
  remove(post: PrunedPost, why: Pruned['why']): void
  /** What became of a post that is gone, for somebody who could read it. */
  find(id: string, reader: Reader): Pruned | undefined
}
