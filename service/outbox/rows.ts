// Rows of the outbox's tables as the objects the rest of the relay knows. The JSON in them was written by this relay, maybe by another
// version of it: a row that cannot be read is `Unreadable`, never a reason to stop.
import { z } from 'zod'

import { Block, ReadPost, Source, StoredPost } from '../../post/contract/schema.ts'
import type { PostStatus } from '../../post/contract/schema.ts'
import type { Delivered, Destination, SentMessage, Target } from '../chat/chat.ts'
import type { Blobs, FileEntry } from '../storage/blobs.ts'
import type { Row } from '../storage/database.ts'
import type { Claim, EditClaim, Leased } from './outbox.ts'

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
  accounts: z.object({ poster: z.string(), person: z.string().exactOptional() }).exactOptional(),
})

const Strings = z.array(z.string())
const Step = z.record(z.string(), z.unknown())

/** Trying again reads the same row again. The message quotes nothing of the post. */
export class Unreadable extends Error {
  override name = 'Unreadable'
}

/** What `read` gives; undefined of a row that is `Unreadable`. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Unreadable) return undefined
    throw error
  }
}

/** @throws {Unreadable} */
function parsed<T>(schema: z.ZodType<T>, column: string, json: Row[string] | undefined): T {
  const result = schema.safeParse(jsonOf(column, json))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = [column, ...(issue?.path ?? [])].join('.')
  throw new Unreadable(`Its stored ${where} is unknown to this version (${issue?.message ?? ''})`)
}

function jsonOf(column: string, json: Row[string] | undefined): unknown {
  try {
    return JSON.parse(String(json))
  } catch {
    // A SyntaxError, whose words quote the text.
    throw new Unreadable(`Its stored ${column} cannot be parsed as JSON`)
  }
}

export function blocksOf(json: Row[string] | undefined): Block[] {
  return parsed(z.array(Block), 'blocks', json)
}

export function sourceOf(json: Row[string] | undefined): Source {
  return parsed(Source, 'source', json)
}

export function stringsOf(json: Row[string] | undefined): string[] {
  return parsed(Strings, 'list', json)
}

export function targetOf(json: Row[string] | undefined): Target {
  return parsed(TargetJson, 'target', json)
}

export function destinationOf(json: Row[string] | undefined): Destination | undefined {
  return json === null || json === undefined
    ? undefined
    : parsed(DestinationJson, 'destination', json)
}

const Messages: z.ZodType<SentMessage[]> = z.array(
  z.object({ id: z.string(), text: z.boolean(), files: z.boolean() }),
)

/** Reads the row of a post that is at its service. @throws {Unreadable} */
export function deliveredOf(row: Row): Delivered {
  return {
    messages: messagesOf(row.messages),
    url: row.url === null ? undefined : String(row.url),
    thread: String(row.thread_root),
    leftOut: [],
  }
}

/** None are known of a post that an earlier version delivered. */
function messagesOf(json: Row[string] | undefined): SentMessage[] {
  return json === null || json === undefined ? [] : parsed(Messages, 'messages', json)
}

export function stepOf(json: Row[string] | undefined): Record<string, unknown> | undefined {
  return json === null || json === undefined ? undefined : parsed(Step, 'step', json)
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
    ...contentOf(row),
    ...(row.thread !== null && { thread: String(row.thread) }),
    files,
    acceptedAt: new Date(Number(row.accepted)).toISOString(),
  }
}

/** One post that cannot be read must not hide the others from their readers. */
function contentOf(row: Row): Pick<ReadPost, 'blocks' | 'source'> {
  try {
    return { blocks: blocksOf(row.shown), source: sourceOf(row.source) }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { blocks: [{ type: 'notice', text: error.message }], source: {} }
  }
}

/**
 * Reads a row of `claim`, as it was before the lease.
 * @param thread - Its root.
 * @throws {Unreadable}
 */
export function claimOf(row: Row, leased: Leased, blobs: Blobs, thread: string | undefined): Claim {
  return {
    ...leased,
    attempt: Number(row.attempts) + 1,
    service: String(row.service),
    target: targetOf(row.target),
    destination: destinationOf(row.destination),
    person: { name: String(row.person), groups: stringsOf(row.groups) },
    blocks: blocksOf(row.shown),
    files: blobs.readAll(String(row.files)),
    source: sourceOf(row.source),
    acceptedAt: Number(row.accepted),
    thread,
    step: stepOf(row.step),
  }
}

/** Reads a row of `claimEdit`, as it was before the lease. @throws {Unreadable} */
export function editClaimOf(row: Row, leased: Leased, blobs: Blobs): EditClaim {
  const destination = destinationOf(row.destination)
  if (!destination) throw new Unreadable('It was delivered without a destination')
  return {
    ...leased,
    content:
      row.remove === 1
        ? undefined
        : {
            blocks: blocksOf(row.shown),
            files: blobs.readAll(String(row.files)),
            source: sourceOf(row.source),
          },
    version: Number(row.wanted),
    attempt: Number(row.attempts) + 1,
    service: String(row.service),
    destination,
    person: { name: String(row.person), groups: stringsOf(row.groups) },
    acceptedAt: Number(row.accepted),
    askedAt: Number(row.asked_at),
    thread: String(row.thread_root),
    delivered: deliveredOf(row),
    deliveredFiles: blobs.hashes(String(row.base_files)),
    step: stepOf(row.step),
  }
}
