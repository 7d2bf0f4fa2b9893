// What people write to the bot on Mattermost: heard by the websocket, or read afterwards. Only
// messages that a person typed count: bots, hooks and the server itself do not answer, and an edit
// changes nothing that was said.
import { z } from 'zod'
import { ChatError } from '../../errors.ts'
import type { Conversation, Replies, Reply } from '../chat.ts'
import { apiPath } from './api.ts'
import { parseJson, refusalId } from './refusal.ts'
import type { MattermostApi } from './api.ts'
import { Address } from './people.ts'
import type { MattermostMemory } from './memory.ts'
import type { MattermostSite } from './site.ts'
import type { MattermostSocket } from './socket.ts'

const PAGE = 200
/** Pages of a direct channel that are searched: one post does not get more messages. */
const PAGES = 10

const Message = z.object({
  id: z.string(),
  user_id: z.string(),
  channel_id: z.string(),
  root_id: z.string().default(''),
  create_at: z.number(),
  delete_at: z.number(),
  /** Set in rows that keep an earlier text. */
  original_id: z.string().optional(),
  message: z.string(),
  /** '' if a person typed it. */
  type: z.string().default(''),
  props: z.record(z.string(), z.unknown()).nullish(),
})
type Message = z.infer<typeof Message>
const Messages = z.object({ order: z.array(z.string()), posts: z.record(z.string(), Message) })

/** `data` of a `posted` event. */
const Posted = z.object({ post: z.string(), channel_type: z.string() })

export interface RepliesDeps {
  api: MattermostApi
  site: MattermostSite
  socket: MattermostSocket
  /** Told of all events, and of gaps in them. */
  memory: MattermostMemory
}

export class MattermostReplies implements Replies {
  readonly #api: MattermostApi
  readonly #site: MattermostSite
  readonly #socket: MattermostSocket
  readonly #memory: MattermostMemory

  constructor({ api, site, socket, memory }: RepliesDeps) {
    this.#api = api
    this.#site = site
    this.#socket = socket
    this.#memory = memory
  }

  listen(heard: (reply: Reply) => void, connected: () => void): { close(): Promise<void> } {
    let bot = ''
    return this.#socket.listen({
      prepare: async (signal) => {
        bot = (await this.#site.facts(signal)).bot.id
      },
      event: (heardEvent) => {
        const { event, data } = heardEvent
        this.#memory.heard(heardEvent, bot)
        const posted = event === 'posted' ? Posted.safeParse(data).data : undefined
        const message = posted && Message.safeParse(parseJson(posted.post)).data
        if (message && isTyped(message, bot)) heard(replyOf(message, posted.channel_type === 'D'))
      },
      connected: () => {
        this.#memory.missed()
        connected()
      },
    })
  }

  async missed(
    { destination, delivered, after }: Conversation,
    signal: AbortSignal,
  ): Promise<Reply[]> {
    const { bot } = await this.#site.facts(signal)
    const { channelId, kind } = Address.parse(destination.address)
    const isDirect = kind === 'direct'
    const found = [
      ...(await this.#thread(delivered.thread, signal)),
      ...(isDirect ? await this.#beside(channelId, after, signal) : []),
    ]
    const replies = new Map<string, Reply>()
    for (const message of found) {
      const isHere = message.root_id === delivered.thread || (isDirect && message.root_id === '')
      if (isHere && message.create_at > after && isTyped(message, bot.id))
        replies.set(message.id, replyOf(message, isDirect))
    }
    return [...replies.values()].toSorted((one, other) => one.at - other.at)
  }

  /** Empty if its root was deleted: its replies are gone with it. */
  async #thread(root: string, signal: AbortSignal): Promise<Message[]> {
    try {
      return listed(await this.#api.get(apiPath(['posts', root, 'thread']), Messages, signal))
    } catch (error) {
      const isGone = error instanceof ChatError && [403, 404].includes(error.status)
      if (isGone && refusalId(error) !== '') return []
      throw error
    }
  }

  /** Messages of a channel, from the newest back to the first known one. */
  async #beside(channelId: string, after: number, signal: AbortSignal): Promise<Message[]> {
    const found: Message[] = []
    for (let page = 0; page < PAGES; page++) {
      const query = { page: String(page), per_page: String(PAGE) }
      const url = apiPath(['channels', channelId, 'posts'], query)
      const messages = listed(await this.#api.get(url, Messages, signal))
      found.push(...messages)
      if (messages.length < PAGE || messages.every(({ create_at }) => create_at <= after)) break
    }
    return found
  }
}

function listed({ order, posts }: z.infer<typeof Messages>): Message[] {
  return order.flatMap((id) => posts[id] ?? [])
}

/** Anyone with a hook's address can write through it in the name of the hook's maker. */
const MADE = ['from_bot', 'from_webhook', 'from_plugin']

function isTyped({ user_id, type, delete_at, original_id = '', props }: Message, bot: string) {
  const isMade = MADE.some((prop) => props?.[prop] === 'true')
  return user_id !== bot && type === '' && delete_at === 0 && original_id === '' && !isMade
}

function replyOf(message: Message, direct: boolean): Reply {
  const { id, channel_id, root_id, user_id, message: text, create_at } = message
  const thread = root_id === '' ? undefined : root_id
  return { id, lane: channel_id, thread, direct, account: user_id, text, at: create_at }
}
