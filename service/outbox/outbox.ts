// The port to the outbox, which keeps accepted posts until they are delivered or dead. Several
// relays may one day share one (PostgreSQL), so every call that writes is asynchronous, and a claim
// is a lease that runs out.
import type { Accepted, Block, ReadPost, Source, StoredPost } from '../../post/contract/schema.ts'
import type { Delivered, Destination, Person, Target } from '../chat/chat.ts'
import type { Goal } from '../chat/goal.ts'
import type { Keeping, Reader } from './kept.ts'
import type { RelayFile } from '../storage/bytes.ts'
import type { Found } from '../storage/place.ts'
import type { Listing } from './listing.ts'

export type { Reader } from './kept.ts'

/** A checked request to post. Its targets are resolved if the chat answered in time. */
export interface Submission {
  person: Person
  /** The `Idempotency-Key`, with a hash of the request that it came with. */
  idempotency: { key: string; hash: string } | undefined
  blocks: Block[]
  files: RelayFile[]
  source: Source
  thread: string | undefined
  /** Id of the post in whose thread this one belongs, once that one is delivered. */
  under?: string
  goals: Goal[]
}

/** A worker's lease on a row. */
export interface Leased {
  /** The post's. */
  id: string
  lane: string
  /** A number that grows with each lease: with an old one, a worker cannot record anything. */
  lease: number
}

/** `suspects` are rows at which the relay died twice. */
export type Suspicion = 'suspects' | 'others'

/** A post to deliver, or a change of one that was delivered. */
export type JobKind = 'post' | 'edit'

export interface ClaimOptions {
  service: string
  leaseMs: number
  /** `others` if left out. */
  which?: Suspicion
}

/** A job leased to a worker. */
export type Claimed = ({ kind: 'post' } & Claim) | ({ kind: 'edit' } & EditClaim)

/** Leases on posts or on edits. Each method fails if the lease was taken over. */
export interface Leasing {
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
  files: RelayFile[]
  source: Source
  acceptedAt: number
  thread: string | undefined
  step: Record<string, unknown> | undefined
  /** See `Delivery`. */
  isDoubtful?: true
}

/** The new content of a post: all of it, not a difference. */
export interface Content {
  blocks: Block[]
  files: RelayFile[]
  /** Undefined: the source stays as it is. */
  source: Source | undefined
}

/** A change of a delivered post that is leased to a worker. */
export interface EditClaim extends Leased {
  /** Undefined if the post is to be removed. */
  content: { blocks: Block[]; files: RelayFile[]; source: Source } | undefined
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
 * Changes of posts by their senders. A change is stored, and the worker makes it. A newer change
 * replaces one that still waits, so the last state is always written; states before it may not be.
 */
export interface Edits {
  /**
   * Stores the newest content of a post.
   * @param content - A function if it depends on what is stored: it is called inside the commit.
   * @throws {RelayError} `idempotency_conflict`
   */
  change(id: string, content: Content | (() => Content), options: ChangeOptions): Promise<Changed>
  /** Stores that a post is to be removed. A post that nobody has seen yet is deleted at once. */
  remove(id: string, origin?: string): Promise<Exclude<Changed, 'repeated'>>
  readonly leases: Leasing
  /** @param gapMs - Time to wait before a newer state that came meanwhile is written. */
  written(claim: EditClaim, delivered: Delivered, gapMs: number): Promise<void>
  removed(claim: EditClaim): Promise<void>
  retry(claim: EditClaim, due: number, error: string): Promise<void>
  /** Gives the change up: the service keeps showing the post as it is. */
  dead(claim: EditClaim, error: string): Promise<void>
}

export interface ChangeOptions {
  /** Shortest time between two edits of this post. */
  gapMs: number
  idempotency: { person: string; key: string; hash: string } | undefined
  /** Where the request came from, for the audit trail. */
  origin?: string | undefined
}

/**
 * `waiting`: nobody has seen the post yet, so it will be delivered with the new content. `stored`:
 * the worker will change it. `repeated`: this change was stored before. `final`: the post is dead
 * or being removed, so nothing was stored.
 */
export type Changed = 'waiting' | 'stored' | 'repeated' | 'final'

/** Says that a post changed after a cursor. The post may be gone by now. */
export interface Change {
  cursor: string
  id: string
}

export interface Changes {
  changes: Change[]
  /** Where to go on reading; changes that the reader may not see are behind it too. */
  cursor: string
}

export interface Counts {
  waiting: number
  dead: number
  /** Milliseconds since the oldest waiting post was accepted; 0 if none waits. */
  oldestMs: number
}

export interface Outbox {
  /**
   * Stores all posts of the submission in one commit. With an idempotency key that was used before,
   * it stores nothing and returns the first answer again.
   * @param also - Runs in the same commit, unless the key was used before.
   * @throws {RelayError} `idempotency_conflict`, `storage`
   */
  accept(
    submission: Submission,
    also?: (answer: Accepted) => void,
  ): Promise<{ answer: Accepted; repeated: boolean }>
  /**
   * The answer that was given to this key, if it was used before: a repeated request then needs no
   * work.
   * @throws {RelayError} `idempotency_conflict`
   */
  answered(person: string, idempotency: { key: string; hash: string }): Accepted | undefined

  /**
   * Leases the job whose turn it is at this service, until `now + leaseMs`: one that is due and
   * next in its lane. The same commit counts the attempt. Jobs at which the relay died three times
   * in a row are given up.
   */
  claim(options: ClaimOptions): Promise<Claimed | undefined>
  /** Whether a suspect of this service is due. */
  hasSuspect(service: string): boolean
  /** The services that have work: those too that are no longer configured. */
  services(): string[]
  readonly leases: Leasing
  /** When the next job will be due, or a lease ends, on the clock that leases use. */
  nextDue(): number | undefined
  /** The target was found late: the post joins the lane of its destination and is due at once. */
  resolved(claim: Claim, destination: Destination): Promise<void>
  delivered(claim: Claim, delivered: Delivered): Promise<void>
  retry(claim: Claim, due: number, error: string): Promise<void>
  dead(claim: Claim, error: string): Promise<void>

  find(id: string): { post: StoredPost; from: string; service: string; lane: string } | undefined
  read(id: string, reader: Reader): ReadPost | undefined
  file(id: string, n: number, reader: Reader): RelayFile | undefined
  /** The posts that this person sent, newest first. */
  list(person: string, listing: Listing): Found
  cursor(): string
  changes(after: string, reader: Reader, limit: number): Changes
  /**
   * Calls the listener after each commit with changes, with the ids of the posts that changed.
   * Returns the function that removes it.
   */
  onChange(listener: (posts: ReadonlySet<string>) => void): () => void
  /** Tells readers to read the post again: something that belongs to it changed elsewhere. */
  touch(id: string, kind: 'replied' | 'watched'): Promise<void>
  readonly edits: Edits
  /** Edits that are not finished count as waiting. */
  counts(): Counts
  /** The same number alone: every post that is accepted asks for it. */
  waiting(): number
  /** Which of these posts the outbox has forgotten. */
  forgotten(posts: readonly string[]): string[]
  /** Whether the post waits to be delivered or changed. */
  isOpen(id: string): boolean
  readonly keeping: Keeping
}
