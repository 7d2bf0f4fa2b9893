// Turns rows of the outbox's tables into the objects that the rest of the relay uses. Another
// version of the relay may have written the JSON in them: a row that cannot be read throws
// `Unreadable`, which never stops the relay.
import { z } from 'zod'

import { Block, ReadPost, Source, StoredPost } from '../../post/contract/schema.ts'
import type { PostStatus } from '../../post/contract/schema.ts'
import type { Delivered, Destination, SentMessage, Target } from '../chat/chat.ts'
import type { Blobs, FileEntry } from '../storage/blobs.ts'
import type { Row } from '../storage/database.ts'
import type { Claim, EditClaim, Leased } from './outbox.ts'

const TargetJson: z.ZodType<Target> = z.union([
  z.object({ kind: z.literal('me') }),
  z.object({ kind: z.literal('person'), name: z.string(), at: z.string().exactOptional() }),
  z.object({
    kind: z.literal('channel'),
    name: z.string(),
    orPerson: z.literal(true).exactOptional(),
    at: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('display name'), name: z.string() }),
])

const DestinationJson: z.ZodType<Destination> = z.object({
  lane: z.string(),
  label: z.string(),
  address: z.record(z.string(), z.string()),
  notices: z.array(z.string()),
  names: z.array(z.string()).exactOptional(),
  accounts: z.object({ poster: z.string(), person: z.string().exactOptional() }).exactOptional(),
})

const Strings = z.array(z.string())
const Step = z.record(z.string(), z.unknown())

/** A row that cannot be read, so trying again is no use. The message quotes nothing of the post. */
export class Unreadable extends Error {
  override name = 'Unreadable'
}

/** The result of `read`, or undefined if the row is `Unreadable`. */
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
    // A SyntaxError. It is not passed on as the cause, because its message quotes the text.
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

/** Empty for a post that an earlier version delivered, which did not store them. */
function messagesOf(json: Row[string] | undefined): SentMessage[] {
  return json === null || json === undefined ? [] : parsed(Messages, 'messages', json)
}

function stepOf(json: Row[string] | undefined): Record<string, unknown> | undefined {
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

/** Reads a row of `post` that also has the columns `source`, `thread`, `accepted` and `shown`. */
export function readPost(row: Row, files: FileEntry[]): ReadPost {
  return {
    ...storedPost(row),
    from: String(row.person),
    service: String(row.service),
    ...(row.kept === 0 ? withoutContent(row) : { ...contentOf(row), files }),
    ...(row.thread !== null && { thread: String(row.thread) }),
    acceptedAt: new Date(Number(row.accepted)).toISOString(),
  }
}

/** What is left of a post when its text and files were deleted, because its service has them. */
function withoutContent(row: Row): Pick<ReadPost, 'blocks' | 'source' | 'files' | 'pruned'> {
  const where = row.url === null ? String(row.label) : String(row.url)
  const text = `The relay has deleted the text and the files of this post, which was delivered: see ${where}`
  const source = readable(() => sourceOf(row.source)) ?? {}
  return { blocks: [{ type: 'notice', text }], source, files: [], pruned: true }
}

/** A post that cannot be read becomes a notice: it must not hide the others of a list. */
function contentOf(row: Row): Pick<ReadPost, 'blocks' | 'source'> {
  try {
    return { blocks: blocksOf(row.shown), source: sourceOf(row.source) }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { blocks: [{ type: 'notice', text: error.message }], source: {} }
  }
}

/**
 * Makes a claim from a row of the query `claim`, read before it was leased.
 * @param thread - Root of the thread that the post belongs in.
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
    ...(row.doubtful === 1 && { isDoubtful: true as const }),
  }
}

/** Makes a claim from a row of `claimEdit`, read before it was leased. @throws {Unreadable} */
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
    deliveredFiles:
      typeof row.file_hashes === 'string'
        ? stringsOf(row.file_hashes)
        : blobs.hashes(String(row.base_files)),
    step: stepOf(row.step),
  }
}
