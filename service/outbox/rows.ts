// Rows of the outbox's tables as the objects the rest of the relay knows. The JSON in them was written by this relay.
import { z } from 'zod'

import { Block, ReadPost, Source, StoredPost } from '../../post/schema.ts'
import type { PostStatus } from '../../post/schema.ts'
import type { Destination, SentMessage, Target } from '../chat/chat.ts'
import type { Blobs, FileEntry } from '../storage/blobs.ts'
import type { Row } from '../storage/database.ts'
import type { EditClaim } from './outbox.ts'

const TargetJson: z.ZodType<Target> = z.union([
  z.object({ kind: z.literal('me') }),
  z.object({ kind: z.literal('person'), name: z.string() }),
  z.object({ kind: z.literal('channel'), name: z.string() }),
])

const DestinationJson: z.ZodType<Destination> = z.object({
  lane: z.string(),
  label: z.string(),
  address: z.record(z.string(), z.string()),
  notices: z.array(z.string()),
})

const Strings = z.array(z.string())
const Step = z.record(z.string(), z.unknown())

export function blocksOf(json: Row[string] | undefined): Block[] {
  return z.array(Block).parse(JSON.parse(String(json)))
}

export function sourceOf(json: Row[string] | undefined): Source {
  return Source.parse(JSON.parse(String(json)))
}

export function stringsOf(json: Row[string] | undefined): string[] {
  return Strings.parse(JSON.parse(String(json)))
}

export function targetOf(json: Row[string] | undefined): Target {
  return TargetJson.parse(JSON.parse(String(json)))
}

export function destinationOf(json: Row[string] | undefined): Destination | undefined {
  return json === null || json === undefined
    ? undefined
    : DestinationJson.parse(JSON.parse(String(json)))
}

const Messages: z.ZodType<SentMessage[]> = z.array(
  z.object({ id: z.string(), text: z.boolean(), files: z.boolean() }),
)

/** None are known of a post that an earlier version delivered. */
export function messagesOf(json: Row[string] | undefined): SentMessage[] {
  return json === null || json === undefined ? [] : Messages.parse(JSON.parse(String(json)))
}

export function stepOf(json: Row[string] | undefined): Record<string, unknown> | undefined {
  return json === null || json === undefined ? undefined : Step.parse(JSON.parse(String(json)))
}

function statusOf(row: Row): PostStatus {
  switch (row.state) {
    case 'sent':
      return 'delivered'
    case 'unknown':
    case 'dead':
      return row.state
    case 'retry':
      return 'retrying'
    default:
      return Number(row.attempts) > 1 ? 'retrying' : 'queued'
  }
}

export function storedPost(row: Row): StoredPost {
  return {
    id: String(row.id),
    target: String(row.typed),
    destination: String(row.label),
    status: statusOf(row),
    ...(row.url !== null && { url: String(row.url) }),
    ...(row.error !== null && { error: String(row.error) }),
    notices: stringsOf(row.notices),
  }
}

/** Of a row with the columns `source`, `thread`, `accepted` and `shown` of its submission. */
export function readPost(row: Row, files: FileEntry[]): ReadPost {
  return {
    ...storedPost(row),
    from: String(row.person),
    service: String(row.service),
    blocks: blocksOf(row.shown),
    source: sourceOf(row.source),
    ...(row.thread !== null && { thread: String(row.thread) }),
    files,
    acceptedAt: new Date(Number(row.accepted)).toISOString(),
  }
}

/** Of a row of `CLAIM_EDIT`, as it was before the claim. */
export function editClaimOf(row: Row, blobs: Blobs): EditClaim {
  const id = String(row.id)
  const destination = destinationOf(row.destination)
  if (!destination) throw new Error(`Post ${id} was delivered without a destination`)
  return {
    id,
    content:
      row.remove === 1
        ? undefined
        : {
            blocks: blocksOf(row.shown),
            files: blobs.readAll(String(row.files)),
            source: sourceOf(row.source),
          },
    version: Number(row.wanted),
    lease: Number(row.lease) + 1,
    attempt: Number(row.attempts) + 1,
    service: String(row.service),
    destination,
    person: { name: String(row.person), groups: stringsOf(row.groups) },
    acceptedAt: Number(row.accepted),
    askedAt: Number(row.asked_at),
    thread: String(row.thread_root),
    delivered: {
      messages: messagesOf(row.messages),
      url: row.url === null ? undefined : String(row.url),
      thread: String(row.thread_root),
      leftOut: [],
    },
    deliveredFiles: blobs.hashes(String(row.base_files)),
    step: stepOf(row.step),
  }
}
