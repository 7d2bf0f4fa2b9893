// The memory and rules of the stand-in Mattermost: users, teams, channels, files, posts, and a real
// server's (5.37, measured) answer to each request. Of HTTP it knows only status codes and error
// ids.
import { randomBytes } from 'node:crypto'

export interface User {
  id: string
  username: string
  is_bot: boolean
  delete_at: number
}
export interface Team {
  id: string
  name: string
  members: Set<string>
}
export interface Channel {
  id: string
  name: string
  display_name: string
  type: 'O' | 'P' | 'D'
  team_id: string
  delete_at: number
  members: Set<string>
}
export interface StoredFile {
  id: string
  name: string
  size: number
  bytes: Buffer
  userId: string
  postId: string
}
export interface Post {
  id: string
  create_at: number
  delete_at: number
  user_id: string
  channel_id: string
  root_id: string
  message: string
  /** '' if a person or a bot wrote it. */
  type: string
  props: Record<string, unknown>
  file_ids?: string[]
  pending_post_id: string
}

/** A refusal as Mattermost words it; `id` is the stable part. */
export class Refused extends Error {
  readonly status: number
  readonly id: string
  constructor(status: number, id: string, message = 'Refused by the stand-in.') {
    super(message)
    this.status = status
    this.id = id
  }
}

const PERMISSIONS = 'api.context.permissions.app_error'
const MOST_RUNES = 16383
const DEDUPE_MS = 30_000

export class MattermostState {
  readonly users = new Map<string, User>()
  readonly teams = new Map<string, Team>()
  readonly channels = new Map<string, Channel>()
  readonly files = new Map<string, StoredFile>()
  readonly posts: Post[] = []
  /** Each change of a message, in order. */
  readonly edits: { id: string; message: string; at: number }[] = []
  /** Values are strings, as in config/client. */
  readonly config: Record<string, string>
  /** Called for each event of the websocket: `posted`, `post_edited`, `post_deleted`. */
  onEvent: (event: string, post: Post) => void = () => undefined
  readonly #now: () => number
  readonly #pending = new Map<string, { post: Post; at: number }>()
  #last = 0

  constructor(now: () => number, config: Record<string, string>) {
    this.#now = now
    this.config = config
  }

  user(key: string): User {
    const found = this.users.get(key) ?? [...this.users.values()].find((u) => u.username === key)
    if (!found) throw new Refused(404, 'app.user.get_by_username.app_error')
    return found
  }

  team(key: string): Team {
    const found = this.teams.get(key) ?? [...this.teams.values()].find((t) => t.name === key)
    if (!found) throw new Refused(404, 'app.team.get_by_name.missing.app_error')
    return found
  }

  /** As of a team that one must be invited to: others may not see it. */
  teamSeenBy(key: string, reader: User): Team {
    const team = this.team(key)
    if (!team.members.has(reader.id)) throw new Refused(403, PERMISSIONS)
    return team
  }

  /** Archived ones are missing, unless they are asked for too. */
  channelNamed(team: Team, name: string, reader: User, withArchived: boolean): Channel {
    if (!team.members.has(reader.id)) throw new Refused(403, PERMISSIONS)
    const found = [...this.channels.values()].find((c) => c.team_id === team.id && c.name === name)
    const isGone = found !== undefined && found.delete_at > 0 && !withArchived
    if (!found || isGone || (found.type === 'P' && !found.members.has(reader.id)))
      throw new Refused(404, 'app.channel.get_by_name.missing.app_error')
    return found
  }

  /** At most 50 whose name or display name contains the text: public ones, or those of a user. */
  channelsLike(team: Team, words: string, among: User | 'public'): Channel[] {
    const wanted = words.toLowerCase()
    return [...this.channels.values()]
      .filter((one) => one.team_id === team.id && one.delete_at === 0)
      .filter((one) => (among === 'public' ? one.type === 'O' : one.members.has(among.id)))
      .filter((one) => `${one.name}\n${one.display_name}`.toLowerCase().includes(wanted))
      .slice(0, 50)
  }

  /** A channel that the user is in; unknown and forbidden ones give the same 403. */
  joined(id: string, user: User): Channel {
    const channel = this.channels.get(id)
    if (!channel?.members.has(user.id)) throw new Refused(403, PERMISSIONS)
    return channel
  }

  member(members: Set<string>, userId: string): { user_id: string; delete_at: number } {
    if (!members.has(userId)) throw new Refused(404, 'app.channel.get_member.missing.app_error')
    return { user_id: userId, delete_at: 0 }
  }

  join(channelId: string, userId: string): { user_id: string } {
    const channel = this.channels.get(channelId)
    if (channel?.type !== 'O') throw new Refused(403, PERMISSIONS)
    if (!this.teams.get(channel.team_id)?.members.has(userId)) throw new Refused(403, PERMISSIONS)
    channel.members.add(userId)
    return { user_id: userId }
  }

  direct(ids: readonly string[], asking: User): Channel {
    const [a = '', b = ''] = ids.toSorted()
    if (ids.length !== 2) throw new Refused(400, 'api.context.invalid_body_param.app_error')
    if (!ids.includes(asking.id)) throw new Refused(403, PERMISSIONS)
    if (!this.users.has(a) || !this.users.has(b))
      throw new Refused(400, 'api.channel.create_direct_channel.invalid_user.app_error')
    const name = `${a}__${b}`
    const known = [...this.channels.values()].find((channel) => channel.name === name)
    return known ?? this.addChannel({ name, type: 'D', team_id: '', members: new Set(ids) })
  }

  addChannel(channel: Omit<Channel, 'id' | 'delete_at' | 'display_name'>): Channel {
    const added = { ...channel, id: newId(), display_name: channel.name, delete_at: 0 }
    this.channels.set(added.id, added)
    return added
  }

  addFile(channelId: string, user: User, name: string, bytes: Buffer): StoredFile {
    this.joined(channelId, user)
    if (this.config.EnableFileAttachments === 'false')
      throw new Refused(501, 'api.file.attachments.disabled.app_error')
    if (bytes.length > Number(this.config.MaxFileSize))
      throw new Refused(413, 'api.file.upload_file.too_large_detailed.app_error')
    if (name.length >= 256) throw new Refused(500, 'api.file.write_file.app_error')
    const file = { id: newId(), name, size: bytes.length, bytes, userId: user.id, postId: '' }
    this.files.set(file.id, file)
    return file
  }

  addPost(body: Record<string, unknown>, user: User): Post {
    const channel = this.joined(text(body.channel_id), user)
    const message = text(body.message)
    const key = text(body.pending_post_id)
    // The key is global; its window starts at the first success and does not slide.
    const known = this.#pending.get(key)
    if (key !== '' && known && this.#now() - known.at < DEDUPE_MS)
      return { ...known.post, pending_post_id: '' }
    if (channel.delete_at > 0)
      throw new Refused(400, 'api.post.create_post.can_not_post_to_deleted.error')
    if (Array.from(message).length > MOST_RUNES)
      throw new Refused(400, 'model.post.is_valid.msg.app_error')
    if (message.includes('\0')) throw new Refused(500, 'app.post.save.app_error')
    const rootId = text(body.root_id)
    if (rootId !== '') this.#checkRoot(rootId, channel)
    const props = isRecord(body.props) ? body.props : {}
    if (JSON.stringify(props).length > 8000)
      throw new Refused(400, 'model.post.is_valid.props.app_error')
    const asked = Array.isArray(body.file_ids) ? body.file_ids.map(text) : []
    if (asked.length > 10) throw new Refused(400, 'model.post.is_valid.file_ids.app_error')
    const at = Math.max(this.#now(), this.#last + 1)
    this.#last = at
    const post: Post = {
      id: newId(),
      create_at: at,
      delete_at: 0,
      user_id: user.id,
      channel_id: channel.id,
      root_id: rootId,
      message,
      type: text(body.type),
      props: user.is_bot ? { ...props, from_bot: 'true' } : props,
      pending_post_id: key,
    }
    // Ids that it cannot attach are silently dropped.
    const kept = [...new Set(asked)].filter((id) => {
      const file = this.files.get(id)
      return file !== undefined && file.userId === user.id && file.postId === ''
    })
    for (const id of kept) this.#file(id).postId = post.id
    if (kept.length > 0) post.file_ids = kept
    this.posts.push(post)
    if (key !== '') this.#pending.set(key, { post, at: this.#now() })
    this.onEvent('posted', post)
    return post
  }

  /** A post that the user may read. */
  post(id: string, user: User): Post {
    const post = this.posts.find((one) => one.id === id && one.delete_at === 0)
    if (!post) throw new Refused(404, 'app.post.get.app_error')
    this.joined(post.channel_id, user)
    return post
  }

  /** Unknown, deleted and other people's give the same 403. Props are replaced as a whole. */
  patchPost(id: string, body: Record<string, unknown>, user: User): Post {
    const post = this.#own(id, user)
    const editLimit = Number(this.config.PostEditTimeLimit ?? -1)
    if (editLimit >= 0 && this.#now() - post.create_at > editLimit * 1000)
      throw new Refused(400, 'api.post.update_post.permissions_time_limit.app_error')
    const message = body.message === undefined ? post.message : text(body.message)
    if (Array.from(message).length > MOST_RUNES)
      throw new Refused(400, 'model.post.is_valid.msg.app_error')
    post.message = message
    if (isRecord(body.props)) post.props = body.props
    this.edits.push({ id, message, at: this.#now() })
    this.onEvent('post_edited', post)
    return post
  }

  /** Deleting a root deletes its replies. */
  deletePost(id: string, user: User): { status: string } {
    const post = this.#own(id, user)
    for (const one of this.posts)
      if (one === post || one.root_id === id) one.delete_at = this.#now()
    this.onEvent('post_deleted', post)
    return { status: 'OK' }
  }

  #own(id: string, user: User): Post {
    const post = this.posts.find((one) => one.id === id && one.delete_at === 0)
    if (post?.user_id !== user.id) throw new Refused(403, PERMISSIONS)
    return post
  }

  /** Newest first. */
  list(channelId: string, user: User, page: number, perPage: number) {
    this.joined(channelId, user)
    const shown = this.posts
      .filter((post) => post.channel_id === channelId && post.delete_at === 0)
      .toReversed()
      .slice(page * perPage, (page + 1) * perPage)
    return {
      order: shown.map(({ id }) => id),
      posts: Object.fromEntries(shown.map((post) => [post.id, post])),
    }
  }

  /** A root and its replies; the real server may list the root twice. */
  thread(rootId: string, user: User) {
    const root = this.post(rootId, user)
    const shown = this.posts.filter(
      (post) => post.delete_at === 0 && (post === root || post.root_id === root.id),
    )
    return {
      order: [root.id, ...shown.map(({ id }) => id)],
      posts: Object.fromEntries(shown.map((post) => [post.id, post])),
    }
  }

  /** Forgets what a restart forgets. */
  forgetKeys(): void {
    this.#pending.clear()
  }

  #checkRoot(rootId: string, channel: Channel): void {
    const root = this.posts.find((post) => post.id === rootId && post.delete_at === 0)
    if (!root || root.root_id !== '')
      throw new Refused(400, 'api.post.create_post.root_id.app_error')
    if (root.channel_id !== channel.id)
      throw new Refused(400, 'api.post.create_post.channel_root_id.app_error')
  }

  #file(id: string): StoredFile {
    const file = this.files.get(id)
    if (!file) throw new Refused(404, 'app.file_info.get.app_error')
    return file
  }
}

/** 26 characters, as Mattermost's. */
export function newId(): string {
  return randomBytes(13).toString('hex')
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
