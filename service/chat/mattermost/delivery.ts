// Delivers one post as Mattermost messages, step by step: each upload and each message is committed
// before the next one, so that a retry goes on where the last attempt ended.
import { z } from 'zod'
import type { RelayFile } from '../../storage/bytes.ts'
import { escapeInline } from '../../render/escape.ts'
import { muteMentions } from '../../render/mentions.ts'
import { laterLine } from '../../render/header.ts'
import { fileOf } from '../../render/messages.ts'
import type { Print, RenderedMessage, RenderedPost } from '../../render/messages.ts'
import { ChatError } from '../../errors.ts'
import type { Checkpoint, Delivered, Delivery } from '../chat.ts'
import { refusalId } from './refusal.ts'
import { findSent, Pending, permalink, sendOnce } from './messages.ts'
import type { Room } from './messages.ts'
import type { SiteFacts } from './site.ts'

const Step = z.object({
  /** File index -> id at Mattermost. */
  uploads: z.record(z.string(), z.string()),
  /** File index -> why Mattermost refused it. */
  refused: z.record(z.string(), z.string()),
  /** Ids of the messages sent, in order. */
  sent: z.array(z.string()),
  pending: Pending.optional(),
  /** Files that a message lost: sent once more, below the others. */
  lost: z.array(z.number()),
  /** Files that were lost again. */
  dropped: z.array(z.number()),
  /** Root to reply to; '' after the root turned out to be deleted. */
  root: z.string(),
})
type Step = z.infer<typeof Step>

/** One attempt at a post's delivery, edit or removal. */
export interface Attempt {
  /** Where, already checked. */
  room: Room
  print: Print
  signature: string | undefined
  checkpoint: Checkpoint
}

export async function deliverPost(
  { room, print, signature, checkpoint }: Attempt,
  delivery: Delivery,
): Promise<Delivered> {
  const { api, site, channelId, signal } = room
  let step = readStep(checkpoint, delivery)
  const save = async (change: Partial<Step>) => {
    step = { ...step, ...change }
    await checkpoint.write(step)
  }

  const upload = async (index: number, file: RelayFile) => {
    try {
      const id = await api.upload(channelId, file, signal)
      await save({ uploads: { ...step.uploads, [index]: id } })
    } catch (error) {
      const why = refusedFile(error)
      if (why === undefined) throw error
      // The text is already on its way: a file refused now gets no id and is named below.
      if (step.sent.length > 0) return
      await save({ refused: { ...step.refused, [index]: why } })
    }
  }

  const send = async (message: RenderedMessage) => {
    const ordinal = step.sent.length
    const outgoing = {
      mark: markOf(delivery.id, ordinal),
      text: message.text,
      fileIds: message.files.map((index) => step.uploads[index] ?? '').filter(Boolean),
    }
    const post = await sendOnce(room, outgoing, step, save)
    const kept = post.file_ids ?? []
    const missing = message.files.filter((index) => !kept.includes(step.uploads[index] ?? ''))
    const uploads = Object.entries(step.uploads).filter(
      ([index]) => !missing.includes(Number(index)),
    )
    await save({
      sent: [...step.sent, post.id],
      pending: undefined,
      uploads: Object.fromEntries(uploads),
      ...(ordinal < rendered.messages.length
        ? { lost: [...step.lost, ...missing] }
        : { dropped: [...step.dropped, ...missing] }),
    })
  }

  const render = () => {
    const refused = refusedOf(step)
    const post = { ...delivery, who: delivery.person.name, signature, refused }
    return print(post, site.capabilities, signal)
  }
  if (delivery.isDoubtful) await save({ sent: await sentAlready(room, delivery, step.sent) })
  let rendered: RenderedPost = await render()
  const fileAt = (index: number) => fileOf(rendered, delivery.files, index)
  const uploadAll = async (message: RenderedMessage) => {
    for (const index of message.files) {
      const file = fileAt(index)
      const done = String(index) in step.uploads || String(index) in step.refused
      if (file && !done) await upload(index, file)
    }
  }

  // Files first: the text names those that are refused.
  if (step.sent.length === 0) {
    for (const message of rendered.messages) await uploadAll(message)
    rendered = await render()
  }
  for (;;) {
    const names = (indices: number[]) => indices.map((index) => fileAt(index)?.name ?? '')
    const later = laterMessages(delivery.person.name, step, names, site)
    const messages = [...rendered.messages, ...later]
    const message = messages[step.sent.length]
    if (!message) {
      const first = step.sent[0] ?? ''
      return {
        messages: step.sent.map((id, ordinal) => ({
          id,
          text: messages[ordinal]?.showsText ?? false,
          files: (messages[ordinal]?.files.length ?? 0) > 0,
        })),
        url: permalink(site, first),
        thread: step.root === '' ? first : step.root,
        leftOut: [...rendered.leftOut, ...names(step.dropped)],
      }
    }
    await uploadAll(message)
    await send(message)
  }
}

/**
 * The messages of the post that the channel has: those known, and those that a relay sent whose
 * database is lost. They were sent in order, so the first that is missing is the last to ask for.
 */
async function sentAlready(
  room: Room,
  { id, acceptedAt }: Delivery,
  known: readonly string[],
): Promise<string[]> {
  const sent = [...known]
  for (;;) {
    const found = await findSent(room, markOf(id, sent.length), Date.parse(acceptedAt))
    if (!found) return sent
    sent.push(found.id)
  }
}

/** In the props of a message: which one of which post it is. */
function markOf(id: string, ordinal: number): string {
  return `${id}:${ordinal}`
}

/** Mattermost silently drops file ids that it cannot attach: sent once more, then named. */
function laterMessages(
  who: string,
  { lost, dropped }: Step,
  names: (indices: number[]) => string[],
  { capabilities }: SiteFacts,
): RenderedMessage[] {
  const { perMessage } = capabilities.files
  const messages: RenderedMessage[] = []
  for (let from = 0; from < lost.length; from += perMessage) {
    const files = lost.slice(from, from + perMessage)
    messages.push({ text: filesLine(who, 'attached again', names(files)), showsText: false, files })
  }
  if (dropped.length > 0)
    messages.push({
      text: filesLine(who, 'Mattermost did not keep', names(dropped)),
      showsText: false,
      files: [],
    })
  return messages
}

/** Says whose files these are and what became of them. */
export function filesLine(who: string, what: string, names: readonly string[]): string {
  return laterLine(who, `*${what}: ${muteMentions(escapeInline(names.join(', ')))}*`)
}

function readStep(checkpoint: Checkpoint, delivery: Delivery): Step {
  const stored = checkpoint.read()
  if (stored) return Step.parse(stored)
  return { uploads: {}, refused: {}, sent: [], lost: [], dropped: [], root: delivery.thread ?? '' }
}

function refusedOf(step: Step): Map<number, string> {
  return new Map(Object.entries(step.refused).map(([index, why]) => [Number(index), why]))
}

/** Why this file can never be uploaded; undefined if the refusal is not about the file. */
export function refusedFile(error: unknown): string | undefined {
  // Each file has its own request, so this file is too large; a proxy says so without an id.
  if (error instanceof ChatError && error.status === 413) return 'too large for Mattermost'
  const id = refusalId(error)
  if (/too_large|file_too_large|request_body_too_large/.test(id)) return 'too large for Mattermost'
  if (id.includes('large_image')) return 'too many pixels for Mattermost'
  if (id.includes('attachments.disabled')) return 'this Mattermost takes no files'
  return undefined
}
