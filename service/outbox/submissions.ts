// Stores what a request brings: a submission with one post per goal, and only once for each
// idempotency key.
import type { StoredPost } from '../../post/contract/schema.ts'
import { Accepted } from '../../post/contract/schema.ts'
import type { Destination } from '../chat/chat.ts'
import type { Goal } from '../chat/goal.ts'
import { RelayError } from '../errors.ts'
import type { Blobs } from '../storage/blobs.ts'
import type { Database } from '../storage/database.ts'
import { newId } from '../storage/new-id.ts'
import { hashOf } from './content-hash.ts'
import type { EventLog } from './events.ts'
import type { Lanes } from './lanes.ts'
import type { Submission } from './outbox.ts'

export interface SubmissionsDeps {
  db: Database
  blobs: Blobs
  events: EventLog
  lanes: Lanes
  /** Milliseconds since 1970. */
  now: () => number
}

export class Submissions {
  readonly #db: Database
  readonly #blobs: Blobs
  readonly #events: EventLog
  readonly #lanes: Lanes
  readonly #now: () => number

  constructor({ db, blobs, events, lanes, now }: SubmissionsDeps) {
    this.#db = db
    this.#blobs = blobs
    this.#events = events
    this.#lanes = lanes
    this.#now = now
  }

  /** The first answer given to this key. @throws {RelayError} `idempotency_conflict` */
  answered(person: string, { key, hash }: { key: string; hash: string }): Accepted | undefined {
    const row = this.#db.get(
      'SELECT idem_hash, answer FROM submission WHERE person = $person AND idem_key = $key',
      { $person: person, $key: key },
    )
    if (!row) return undefined
    if (row.idem_hash !== hash) throw keyConflict(key, 'post')
    return Accepted.parse(JSON.parse(String(row.answer)))
  }

  /**
   * Stores nothing if the key was used before, and returns the first answer. Only inside `write`.
   * @throws {RelayError} `idempotency_conflict`
   */
  insert(submission: Submission): { answer: Accepted; repeated: boolean } {
    const now = this.#now()
    const id = newId(now)
    const answer: Accepted = { posts: submission.goals.map((goal) => newPost(goal, now)) }
    const added = this.#db.run(
      `INSERT INTO submission VALUES
        ($id, $person, $groups, $key, $hash, $blocks, $source, $thread, $accepted, $answer)
       ON CONFLICT (person, idem_key) WHERE idem_key IS NOT NULL DO NOTHING`,
      {
        $id: id,
        $person: submission.person.name,
        $groups: JSON.stringify(submission.person.groups),
        $key: submission.idempotency?.key ?? null,
        $hash: submission.idempotency?.hash ?? null,
        $blocks: JSON.stringify(submission.blocks),
        $source: JSON.stringify(submission.source),
        $thread: submission.thread ?? null,
        $accepted: now,
        $answer: JSON.stringify(answer),
      },
    )
    const { person, idempotency } = submission
    const first = added === 0 && idempotency && this.answered(person.name, idempotency)
    if (first) return { answer: first, repeated: true }
    this.#blobs.keep(id, submission.files)
    const circumstances = { ...hashOf(submission), origin: submission.person.origin }
    for (const [n, goal] of submission.goals.entries()) {
      const post = answer.posts[n]
      if (!post) continue
      this.#insertPost({ ...submission, id, accepted: now }, goal, post)
      this.#events.add(post.id, 'accepted', circumstances)
    }
    return { answer, repeated: false }
  }

  #insertPost(
    submission: Submission & { id: string; accepted: number },
    goal: Goal,
    post: StoredPost,
  ): void {
    const person = submission.person.name
    // An unresolved target is a lane of its own, so that posts to it keep their order.
    const lane = goal.destination
      ? laneOf(goal.service, goal.destination)
      : `${goal.service}?${person}?${goal.typed}`
    this.#db.run(
      `INSERT INTO post
        (id, submission, person, service, typed, target, lane, label, destination, state, due_at, url, notices, under, thread,
        accepted)
        VALUES ($id, $submission, $person, $service, $typed, $target, $lane, $label, $destination, 'ready', $due, $url, $notices,
        $under, $thread, $accepted)`,
      {
        $id: post.id,
        $submission: submission.id,
        $person: person,
        $service: goal.service,
        $typed: goal.typed,
        $target: JSON.stringify(goal.target),
        $lane: lane,
        $label: post.destination,
        $destination: goal.destination ? JSON.stringify(goal.destination) : null,
        $due: 0,
        $url: post.url ?? null,
        $notices: JSON.stringify(post.notices),
        $under: submission.under ?? null,
        $thread: submission.thread ?? null,
        $accepted: submission.accepted,
      },
    )
    this.#lanes.joined(lane)
  }
}

export function keyConflict(key: string, what: 'post' | 'change'): RelayError {
  return new RelayError(
    'idempotency_conflict',
    `The Idempotency-Key ${key} was used before for another ${what}; use a new key for a new ${what}`,
  )
}

/** The name of the service keeps lanes of different services apart. */
export function laneOf(service: string, destination: Destination): string {
  return `${service}:${destination.lane}`
}

function unresolved({ trouble = 'The chat did not answer in time' }: Goal): string {
  return `${trouble}. So it is not known yet whether you may post there; the post waits`
}

function newPost(goal: Goal, now: number): StoredPost {
  const id = newId(now)
  const url = goal.destination && goal.addressOf(id)
  return {
    id,
    target: goal.typed,
    destination: goal.destination?.label ?? goal.label,
    status: 'queued',
    ...(url !== undefined && { url }),
    notices: goal.destination?.notices ?? [unresolved(goal)],
  }
}
