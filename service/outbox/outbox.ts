// The port to the outbox: what was accepted is here until it is delivered or dead. Several relays may one day share one (PostgreSQL),
// so every call is asynchronous where it writes, and a claim is a lease that ends.
import type {
  Accepted,
  Block,
  PostFile,
  ReadPost,
  Source,
  StoredPost,
} from '../../post/contract/schema.ts'
import type { Delivered, Destination, Person, Target } from '../chat/chat.ts'
import type { Goal } from '../chat/goal.ts'

/** A checked request to post, its targets resolved where the chat answered in time. */
export interface Submission {
  person: Person
  /** `Idempotency-Key` with the hash of what it was sent with. */
  idempotency: { key: string; hash: string } | undefined
  blocks: Block[]
  files: PostFile[]
  source: Source
  thread: string | undefined
  /** Id of a post: this one belongs in its thread, once that is delivered. */
  under?: string
  goals: Goal[]
}

/** What a worker holds. */
export interface Leased {
  /** Of the post. */
  id: string
  /**
   * The fence, by which it is told from a later lease: a worker whose lease was taken over cannot
   * record anything.
   */
  lease: number
}

/** Rows at which the relay died twice, or the others. */
export type Suspicion = 'suspects' | 'others'

/** Leases on posts or on edits. Each call but `claim` is of a lease that is still held. */
export interface Leasing<C extends Leased> {
  /** Whether something at which the relay died twice is due. */
  hasSuspect(): boolean
  /**
   * What is due and first of its lane, leased until `now + leaseMs`. The attempt is counted in the
   * commit of the lease; what the relay died at three times in a row is given up.
   */
  claim(leaseMs: number, which?: Suspicion): Promise<C | undefined>
  renew(leased: Leased, leaseMs: number): Promise<void>
  step(leased: Leased, step: Record<string, unknown>): Promise<void>
  /** Gives the lease back without counting the attempt: the relay is closing. */
  release(leased: Leased): Promise<void>
}

/** A post leased to a worker. */
export interface Claim extends Leased {
  attempt: number
  service: string
  target: Target
  destination: Destination | undefined
  person: Person
  blocks: Block[]
  files: PostFile[]
  source: Source
  acceptedAt: number
  thread: string | undefined
  step: Record<string, unknown> | undefined
}

/** What a post becomes: all of it, not a difference. */
export interface Content {
  blocks: Block[]
  files: PostFile[]
  /** Undefined: as it was. */
  source: Source | undefined
}

/** A change of a delivered post, leased to a worker. */
export interface EditClaim extends Leased {
  /** Undefined: the post is to be removed. */
  content: { blocks: Block[]; files: PostFile[]; source: Source } | undefined
  version: number
  attempt: number
  service: string
  destination: Destination
  person: Person
  acceptedAt: number
  askedAt: number
  thread: string | undefined
  delivered: Delivered
  /** SHA-256 of the files of the first delivery. */
  deliveredFiles: string[]
  step: Record<string, unknown> | undefined
}

/**
 * Changes of posts by their senders. A change is stored like a post and made by the worker; one that waits is replaced by a newer one, so
 * the last state is always written and the states between may never be.
 */
export interface Edits {
  /**
   * Stores the newest content of a post. `waiting`: nobody has seen the post yet, it is delivered so.
   * @param content - Or what makes it inside the commit, if it depends on what is stored.
   * @throws {RelayError} `idempotency_conflict`
   */
  change(id: string, content: Content | (() => Content), options: ChangeOptions): Promise<Changed>
  /** Stores that a post is to be removed; one that waits is gone at once. */
  remove(id: string): Promise<Exclude<Changed, 'repeated'>>
  readonly leases: Leasing<EditClaim>
  /** @param gapMs - Before a newer state that came meanwhile is written. */
  written(claim: EditClaim, delivered: Delivered, gapMs: number): Promise<void>
  removed(claim: EditClaim): Promise<void>
  retry(claim: EditClaim, due: number, error: string): Promise<void>
  /** Gives the change up: the post stays as it is at the service. */
  dead(claim: EditClaim, error: string): Promise<void>
}

export interface ChangeOptions {
  /** Between two edits of this post. */
  gapMs: number
  idempotency: { person: string; key: string; hash: string } | undefined
}

/** `final`: the post is dead or is being removed, nothing was stored. */
export type Changed = 'waiting' | 'stored' | 'repeated' | 'final'

/** Whose posts a list shows: those the person sent, and those in lanes of the inbox that the person reads. */
export interface Reader {
  name: string
  lanes: readonly string[] | 'all'
}

/** A post by name: it is read when it is its turn, for many at once would be more than memory holds. */
export interface Entry {
  id: string
  /** ISO 8601. */
  acceptedAt: string
}

/** The last change of a post after a cursor, of which the reader sees what the post is now; it may be gone. */
export interface Change {
  cursor: string
  id: string
}

export interface Changes {
  changes: Change[]
  /** How far was looked: also past changes that the reader may not see. */
  cursor: string
}

export interface Counts {
  waiting: number
  dead: number
  /** Milliseconds since the oldest waiting post was accepted, 0 if none. */
  oldestMs: number
}

export interface Outbox {
  /**
   * Stores all posts of the submission in one commit. A repeated idempotency key gives the first answer.
   * @param also - Runs in that commit, unless the submission is a repetition.
   * @throws {RelayError} `idempotency_conflict`, `storage`
   */
  accept(
    submission: Submission,
    also?: (answer: Accepted) => void,
  ): Promise<{ answer: Accepted; repeated: boolean }>
  /** The first answer given to this key, before any work is done for a repetition. @throws {RelayError} `idempotency_conflict` */
  answered(person: string, idempotency: { key: string; hash: string }): Accepted | undefined

  readonly leases: Leasing<Claim>
  /** When the next post is due or the next lease ends, in ms since 1970. */
  nextDue(): number | undefined
  /** The target was found late: the post joins the lane of its destination and is due at once. */
  resolved(claim: Claim, destination: Destination): Promise<void>
  delivered(claim: Claim, delivered: Delivered): Promise<void>
  retry(claim: Claim, due: number, error: string): Promise<void>
  dead(claim: Claim, error: string): Promise<void>

  find(id: string): { post: StoredPost; from: string; service: string; lane: string } | undefined
  read(id: string, reader: Reader): ReadPost | undefined
  file(id: string, n: number, reader: Reader): PostFile | undefined
  /** The newest, oldest first. */
  newest(reader: Reader, limit: number): Entry[]
  cursor(): string
  changes(after: string, reader: Reader, limit: number): Changes
  /** Calls back after each commit that changed something. Returns the function that ends it. */
  onChange(listener: () => void): () => void
  /** Has readers of the post look at it again: what is kept of it elsewhere has changed. */
  touch(id: string, kind: 'replied' | 'watched'): Promise<void>
  readonly edits: Edits
  /** Changes on their way count as waiting. */
  counts(): Counts
  /** Those of these posts that are forgotten. */
  forgotten(posts: readonly string[]): string[]
  /** Forgets finished posts and idempotency keys accepted before this time. */
  prune(before: number): Promise<void>
}
