// Delivers one post as Mattermost messages, step by step: each upload and each message is committed before the next one, so that a
// retry goes on where the last attempt ended. A message whose answer was lost is looked for before it is sent again.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { PostFile } from '../../post/schema.ts'
import { ChatError } from '../errors.ts'
import { escapeInline } from '../render/escape.ts'
import { muteMentions } from '../render/mentions.ts'
import { OVERFLOW_FILE, renderPost } from '../render/messages.ts'
import type { RenderedMessage, RenderedPost } from '../render/messages.ts'
import type { Checkpoint, Delivered, Delivery } from './chat.ts'
import { apiPath, refusalId } from './mattermost-api.ts'
import type { MattermostApi } from './mattermost-api.ts'
import type { SiteFacts } from './mattermost-site.ts'

/** The server knows a `pending_post_id` for 30 s after the first success; less the way there and back. */
const KEY_LIVES_MS = 25_000
/** Clocks of relay and server may differ by this when a lost message is looked for. */
const CLOCK_SKEW_MS = 10 * 60_000
const PROBE_PAGE = 200
const PROBE_PAGES = 10

const Post = z.object({
  id: z.string(),
  user_id: z.string(),
  create_at: z.number(),
  delete_at: z.number(),
  file_ids: z.array(z.string()).nullish(),
  props: z.record(z.string(), z.unknown()).nullish(),
})
type Post = z.infer<typeof Post>
const PostList = z.object({ order: z.array(z.string()), posts: z.record(z.string(), Post) })

const Step = z.object({
  /** File index -> id at Mattermost. */
  uploads: z.record(z.string(), z.string()),
  /** File index -> why Mattermost refused it. */
  refused: z.record(z.string(), z.string()),
  /** Ids of the messages sent, in order. */
  sent: z.array(z.string()),
  /** Message that is on its way: sent with this key, first at this time (ms). */
  pending: z.object({ key: z.string(), at: z.number() }).optional(),
  /** Files that a message did not keep: they are sent once more, below the others. */
  lost: z.array(z.number()),
  /** Files that were not kept then either. */
  dropped: z.array(z.number()),
  /** Root to reply to; '' after the root turned out to be gone. */
  root: z.string(),
})
type Step = z.infer<typeof Step>

export interface DeliveryDeps {
  api: MattermostApi
  signature: string | undefined
  now: () => number
}

/** @param channelId - Where, already checked. */
export async function deliverPost(
  { api, signature, now }: DeliveryDeps,
  delivery: Delivery,
  channelId: string,
  site: SiteFacts,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<Delivered> {
  let step = readStep(checkpoint, delivery)
  const save = async (change: Partial<Step>) => {
    step = { ...step, ...change }
    await checkpoint.write(step)
  }

  const upload = async (index: number, file: PostFile) => {
    try {
      const id = await api.upload(channelId, file, signal)
      await save({ uploads: { ...step.uploads, [index]: id } })
    } catch (error) {
      const why = refusedFile(error)
      if (why === undefined) throw error
      // The text is on its way already: a file refused now stays without an id and is named below.
      if (step.sent.length > 0) return
      await save({ refused: { ...step.refused, [index]: why } })
    }
  }

  const send = async (message: RenderedMessage) => {
    const ordinal = step.sent.length
    const mark = `${delivery.id}:${ordinal}`
    const earlier = step.pending && (await findSent(mark, step.pending.at))
    const post = earlier ?? (await create(message, mark))
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

  const create = async (message: RenderedMessage, mark: string): Promise<Post> => {
    const fresh = step.pending && now() - step.pending.at < KEY_LIVES_MS ? step.pending : undefined
    const pending = fresh ?? { key: `${site.bot.id}:${randomUUID()}`, at: now() }
    if (!fresh) await save({ pending })
    const body = {
      channel_id: channelId,
      message: message.text,
      file_ids: message.files.map((index) => step.uploads[index]).filter(Boolean),
      root_id: step.root,
      pending_post_id: pending.key,
      props: { jupyterpost: mark },
    }
    try {
      return await api.post(apiPath(['posts']), body, Post, signal)
    } catch (error) {
      if (error instanceof ChatError && error.status >= 300 && error.status < 500)
        await save({ pending: undefined })
      const rootIsGone = /\.create_post\.(?:channel_)?root_id\./.test(refusalId(error))
      if (!rootIsGone || step.root === '') throw error
      // The thread was deleted: the news is worth more than its place.
      await save({ root: '' })
      return create(message, mark)
    }
  }

  const findSent = async (mark: string, since: number): Promise<Post | undefined> => {
    for (let page = 0; page < PROBE_PAGES; page++) {
      const query = { page: String(page), per_page: String(PROBE_PAGE) }
      const url = apiPath(['channels', channelId, 'posts'], query)
      const list = await api.get(url, PostList, signal)
      const posts = list.order.flatMap((id) => list.posts[id] ?? [])
      const found = posts.find(
        (post) =>
          post.user_id === site.bot.id && post.delete_at === 0 && post.props?.jupyterpost === mark,
      )
      if (found) return found
      if (
        posts.length < PROBE_PAGE ||
        posts.every((post) => post.create_at < since - CLOCK_SKEW_MS)
      )
        return undefined
    }
    return undefined
  }

  let rendered = render(delivery, site, signature, step)
  const fileAt = (index: number) =>
    index === OVERFLOW_FILE ? rendered.overflow : delivery.files[index]
  const uploadAll = async (message: RenderedMessage) => {
    for (const index of message.files) {
      const file = fileAt(index)
      const done = String(index) in step.uploads || String(index) in step.refused
      if (file && !done) await upload(index, file)
    }
  }

  // All files first: what is refused is named in the text.
  if (step.sent.length === 0) {
    for (const message of rendered.messages) await uploadAll(message)
    rendered = render(delivery, site, signature, step)
  }
  for (;;) {
    const names = (indices: number[]) => indices.map((index) => fileAt(index)?.name ?? '')
    const messages = [...rendered.messages, ...laterMessages(step, names, site)]
    const message = messages[step.sent.length]
    if (!message) {
      const first = step.sent[0] ?? ''
      return {
        messageId: first,
        url: `${site.address}/${site.team.name}/pl/${first}`,
        thread: step.root === '' ? first : step.root,
        leftOut: [...rendered.leftOut, ...names(step.dropped)],
      }
    }
    await uploadAll(message)
    await send(message)
  }
}

/** Mattermost drops file ids it cannot attach without a word. They are sent once more; what is dropped again is named. */
function laterMessages(
  { lost, dropped }: Step,
  names: (indices: number[]) => string[],
  { capabilities }: SiteFacts,
): RenderedMessage[] {
  const { perMessage } = capabilities.files
  const messages: RenderedMessage[] = []
  for (let from = 0; from < lost.length; from += perMessage) {
    const files = lost.slice(from, from + perMessage)
    messages.push({ text: plainLine('attached again', names(files)), files })
  }
  if (dropped.length > 0)
    messages.push({ text: plainLine('Mattermost did not keep', names(dropped)), files: [] })
  return messages
}

function plainLine(what: string, names: readonly string[]): string {
  return `*${what}: ${muteMentions(escapeInline(names.join(', ')))}*`
}

function readStep(checkpoint: Checkpoint, delivery: Delivery): Step {
  const stored = checkpoint.read()
  if (stored) return Step.parse(stored)
  return { uploads: {}, refused: {}, sent: [], lost: [], dropped: [], root: delivery.thread ?? '' }
}

function render(
  delivery: Delivery,
  site: SiteFacts,
  signature: string | undefined,
  step: Step,
): RenderedPost {
  const refused = new Map(Object.entries(step.refused).map(([index, why]) => [Number(index), why]))
  const post = { ...delivery, who: delivery.person.name, signature, refused }
  return renderPost(post, site.capabilities)
}

/** Why this file can never be uploaded, although others can; undefined if the refusal is not about the file. */
function refusedFile(error: unknown): string | undefined {
  const id = refusalId(error)
  if (/too_large|file_too_large|request_body_too_large/.test(id)) return 'too large for Mattermost'
  if (id.includes('large_image')) return 'too many pixels for Mattermost'
  if (id.includes('attachments.disabled')) return 'this Mattermost takes no files'
  return undefined
}
