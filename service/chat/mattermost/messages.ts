// One message at Mattermost, sent once: if the answer was lost, the message is searched for before
// it is sent again. Also changes and deletes existing messages.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { ChatError } from '../../errors.ts'
import { apiPath } from './api.ts'
import { refusalId } from './refusal.ts'
import type { MattermostApi } from './api.ts'
import type { SiteFacts } from './site.ts'

/** The server knows a `pending_post_id` for 30 s after its success; minus time for the network. */
const KEY_LIVES_MS = 25_000
/** How far the relay's and the server's clocks may differ when searching a lost message. */
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
export type Post = z.infer<typeof Post>
const PostList = z.object({ order: z.array(z.string()), posts: z.record(z.string(), Post) })

/** A message on its way: its key, and when it was first sent (ms). */
export const Pending = z.object({ key: z.string(), at: z.number() })
export type Pending = z.infer<typeof Pending>

export interface Room {
  api: MattermostApi
  site: SiteFacts
  channelId: string
  now: () => number
  signal: AbortSignal
}

export interface Outgoing {
  /** In the message's props; tells it from all other messages of the bot. */
  mark: string
  text: string
  fileIds: string[]
}

/** What a caller keeps between attempts. */
export interface Sending {
  pending?: Pending | undefined
  /** Root to reply to; '' for none. */
  root: string
}

/**
 * Sends a message, or finds it if an earlier attempt sent it. `save` is awaited before each
 * request whose answer may be lost.
 *
 * @throws {ChatError}
 */
export async function sendOnce(
  room: Room,
  message: Outgoing,
  { pending, root }: Sending,
  save: (change: Sending) => Promise<void>,
): Promise<Post> {
  const earlier = pending && (await findSent(room, message.mark, pending.at))
  return earlier ?? create(room, message, { pending, root }, save)
}

async function create(
  room: Room,
  { mark, text, fileIds }: Outgoing,
  { pending: known, root }: Sending,
  save: (change: Sending) => Promise<void>,
): Promise<Post> {
  const { api, site, channelId, now, signal } = room
  const age = known ? now() - known.at : Infinity
  // A time in the future comes from a clock since set back: nobody knows the key's age.
  const fresh = age >= 0 && age < KEY_LIVES_MS ? known : undefined
  const pending = fresh ?? { key: `${site.bot.id}:${randomUUID()}`, at: now() }
  if (!fresh) await save({ pending, root })
  const body = {
    channel_id: channelId,
    message: text,
    file_ids: fileIds,
    root_id: root,
    pending_post_id: pending.key,
    props: { jupyterpost: mark },
  }
  try {
    return await api.post(apiPath(['posts']), body, Post, signal)
  } catch (error) {
    if (error instanceof ChatError && error.status >= 300 && error.status < 500)
      await save({ pending: undefined, root })
    const rootIsGone = /\.create_post\.(?:channel_)?root_id\./.test(refusalId(error))
    if (!rootIsGone || root === '') throw error
    // The thread was deleted: the news is worth more than its place.
    await save({ pending: undefined, root: '' })
    return create(room, { mark, text, fileIds }, { root: '' }, save)
  }
}

/** The bot's message with this mark, sent after `since` (ms) or a little before. */
export async function findSent(
  { api, site, channelId, signal }: Room,
  mark: string,
  since: number,
): Promise<Post | undefined> {
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
    if (posts.length < PROBE_PAGE || posts.every((post) => post.create_at < since - CLOCK_SKEW_MS))
      return undefined
  }
  return undefined
}

/**
 * Changes a message's text. `gone`: it was deleted; `closed`: the server no longer allows edits.
 *
 * @param mark - Props are replaced as a whole, so the mark is sent again, and so is the prop that
 *   says a bot wrote it.
 * @throws {ChatError}
 */
export async function changeMessage(
  room: Room,
  id: string,
  text: string,
  mark: string,
): Promise<'changed' | 'gone' | 'closed'> {
  const body = { message: text, props: { jupyterpost: mark, from_bot: 'true' } }
  try {
    await room.api.put(apiPath(['posts', id, 'patch']), body, Post, room.signal)
    return 'changed'
  } catch (error) {
    if (/permissions_time_limit/.test(refusalId(error))) return 'closed'
    if (await isGone(room, id, error)) return 'gone'
    throw error
  }
}

/** @throws {ChatError} if it still exists. */
export async function deleteMessage(room: Room, id: string): Promise<void> {
  try {
    await room.api.delete(apiPath(['posts', id]), room.signal)
  } catch (error) {
    if (!(await isGone(room, id, error))) throw error
  }
}

/** Mattermost answers 403 for a deleted message, as for a forbidden one: only reading it tells. */
async function isGone({ api, signal }: Room, id: string, refused: unknown): Promise<boolean> {
  if (!(refused instanceof ChatError) || (refused.status !== 403 && refused.status !== 404))
    return false
  try {
    const post = await api.get(apiPath(['posts', id]), Post, signal)
    return post.delete_at > 0
  } catch (error) {
    if (error instanceof ChatError && error.status === 404) return true
    throw error
  }
}

export function permalink(site: SiteFacts, id: string): string {
  return `${site.address}/${site.team.name}/pl/${id}`
}
