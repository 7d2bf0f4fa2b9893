// Mattermost as a chat service: one bot account in one team. The parts: api (requests), refusal and
// trouble (answers that are no success), site (limits), accounts (who is who), people (who may post
// where), delivery and edit (the steps of a post), connection, socket and replies (what people
// answer).
import { ChatError } from '../../errors.ts'
import type {
  Capabilities,
  ChatService,
  Checkpoint,
  Delivered,
  Delivery,
  Destination,
  Edit,
  Person,
  Readiness,
  Target,
} from '../chat.ts'
import { MattermostAccounts } from './accounts.ts'
import type { Identity } from './accounts.ts'
import { MattermostApi } from './api.ts'
import { renderPost } from '../../render/messages.ts'
import type { Print } from '../../render/messages.ts'
import { deliverPost } from './delivery.ts'
import type { Attempt } from './delivery.ts'
import { PostEdit, removePost } from './edit.ts'
import type { Room } from './messages.ts'
import { MattermostMemory } from './memory.ts'
import { Address, MattermostPeople } from './people.ts'
import { MattermostReplies } from './replies.ts'
import { VARIABLES } from './settings.ts'
import type { SettingNames } from './settings.ts'
import { MattermostSite } from './site.ts'
import { MattermostSocket, SOCKET_TIMES } from './socket.ts'
import type { SocketTimes } from './socket.ts'

export interface MattermostConfig {
  /** As in `service:target`; people's links are kept under it. Default: `mattermost`. */
  name?: string
  /** Server address, with or without `/api/v4/`. */
  url: string
  /** The bot's access token, or where to get the newest one. */
  token: string | (() => string)
  /** Name of the team in addresses, not its display name. */
  team: string
  /** Where these three are set; default: the variables. */
  settings?: SettingNames
  /** `BOT_SIGNATURE`; its default is not shown. */
  signature?: string | undefined
  /** By default, printing happens in place. */
  print?: Print | undefined
  identity: Identity
  /** In ms; default: 15 s for a request, 2 min for a file. */
  timeouts?: { request: number; upload: number }
  /** For the connection that hears people; default: `SOCKET_TIMES`. */
  socketTimes?: SocketTimes
  /** ms since 1970; default: the system's clock. */
  now?: () => number
  /** ms that never go back; default: the process's own. */
  monotonic?: () => number
  /** From 0 to 1; default: `Math.random`. */
  random?: () => number
  /** Takes what an admin should know, without secrets: trouble of the site or the connection. */
  note?: (words: string) => void
}

export class Mattermost implements ChatService {
  readonly name: string
  readonly title = 'Mattermost'
  readonly replies: MattermostReplies
  readonly linking: MattermostAccounts
  readonly #api: MattermostApi
  readonly #site: MattermostSite
  readonly #people: MattermostPeople
  readonly #socket: MattermostSocket
  readonly #signature: string | undefined
  readonly #print: Print
  readonly #now: () => number

  /** Connects to nothing yet. @throws {TypeError} if `url` is not an http(s) address. */
  constructor(config: MattermostConfig) {
    const { url, team, timeouts = { request: 15_000, upload: 120_000 } } = config
    this.name = config.name ?? 'mattermost'
    this.#now = config.now ?? Date.now
    const note = config.note ?? (() => undefined)
    const monotonic = config.monotonic ?? (() => performance.now())
    const { settings = VARIABLES } = config
    const memory = new MattermostMemory({ monotonic, isHearing: () => this.#socket.isUp })
    // A post is refused at once while the token is wrong: nothing is known from before.
    const onTokenRefused = () => memory.missed()
    const token = watched(config.token, () => {
      // Perhaps it is another bot's.
      memory.missed()
      this.#site.forget()
    })
    this.#api = new MattermostApi({
      url,
      token,
      settings,
      timeouts,
      note,
      monotonic,
      onTokenRefused,
    })
    this.#site = new MattermostSite(this.#api, team, monotonic)
    this.#socket = new MattermostSocket({
      site: this.#api.site,
      server: this.#api.server,
      token,
      times: config.socketTimes ?? SOCKET_TIMES,
      random: config.random ?? Math.random,
      note,
    })
    const [api, site, socket] = [this.#api, this.#site, this.#socket]
    this.linking = new MattermostAccounts(this.name, { api, site, memory }, config.identity)
    this.#people = new MattermostPeople({ api, site, memory, accounts: this.linking })
    this.replies = new MattermostReplies({ api, site, socket, memory })
    this.#signature = config.signature
    this.#print = config.print ?? (async (post, chat) => renderPost(post, chat))
  }

  capabilities(): Capabilities {
    return this.#site.capabilities()
  }

  async ready(signal: AbortSignal): Promise<Readiness> {
    try {
      const { bot, team, version } = await this.#site.read(signal)
      const { trouble } = this.#api
      if (trouble !== undefined) return { ready: false, detail: trouble }
      return {
        ready: true,
        detail: `Mattermost ${version} at ${this.#api.site}, team "${team.name}", as @${bot.username}${this.#socket.state}`,
      }
    } catch (error) {
      if (error instanceof ChatError) return { ready: false, detail: error.message }
      return { ready: false, detail: `Mattermost at ${this.#api.site} was not reached in time` }
    }
  }

  isAt(at: string): boolean {
    return this.#site.isAt(at)
  }

  async resolve(target: Target, person: Person, signal: AbortSignal): Promise<Destination> {
    return this.#people.resolve(target, person, signal)
  }

  async targets(query: string, person: Person, signal: AbortSignal): Promise<string[]> {
    return this.#people.targets(query, person, signal)
  }

  async deliver(
    delivery: Delivery,
    checkpoint: Checkpoint,
    signal: AbortSignal,
  ): Promise<Delivered> {
    const site = await this.#site.facts(signal)
    const { channelId } = await this.#people.checkAgain(delivery.destination, site, signal)
    return deliverPost(this.#attempt({ site, channelId, checkpoint, signal }), delivery)
  }

  async edit(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal): Promise<Delivered> {
    const site = await this.#site.facts(signal)
    const { channelId } = await this.#people.checkAgain(edit.destination, site, signal)
    return new PostEdit(this.#attempt({ site, channelId, checkpoint, signal }), edit).run()
  }

  /** Allowed even if the person may no longer post there: taking back one's words harms nobody. */
  async remove(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal): Promise<void> {
    const site = await this.#site.facts(signal)
    const { channelId } = Address.parse(edit.destination.address)
    await removePost(this.#attempt({ site, channelId, checkpoint, signal }), edit)
  }

  #attempt({
    checkpoint,
    ...place
  }: Omit<Room, 'api' | 'now'> & { checkpoint: Checkpoint }): Attempt {
    const room = { ...place, api: this.#api, now: this.#now }
    return { room, print: this.#print, signature: this.#signature, checkpoint }
  }

  async close(): Promise<void> {
    // Listeners closed theirs.
    this.#api.close()
  }
}

/** @param changed - Called when the token is another one than before. */
function watched(given: MattermostConfig['token'], changed: () => void): () => string {
  if (typeof given === 'string') return () => given
  let last = given()
  return () => {
    const token = given()
    const isNew = token !== last
    last = token
    if (isNew) changed()
    return token
  }
}
