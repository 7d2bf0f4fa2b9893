// Mattermost as a chat service: one bot account in one team. The parts: mattermost-api (requests), -site (limits), -people (who may post
// where), -delivery (the steps of a post).
import { ChatError } from '../errors.ts'
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
} from './chat.ts'
import { MattermostApi } from './mattermost-api.ts'
import { deliverPost } from './mattermost-delivery.ts'
import { editPost, removePost } from './mattermost-edit.ts'
import { Address, MattermostPeople } from './mattermost-people.ts'
import type { Identity } from './mattermost-people.ts'
import { MattermostSite } from './mattermost-site.ts'

export interface MattermostConfig {
  /** In `service:target`; links of people are kept under it. `mattermost` unless given. */
  name?: string
  /** Server address, with or without `/api/v4/`. */
  url: string
  /** The bot's access token. */
  token: string
  /** Name of the team in addresses, not its display name. */
  team: string
  /** `BOT_SIGNATURE`; the default one is not shown. */
  signature?: string | undefined
  identity: Identity
  /** Milliseconds; 15 s for a request and 2 min for a file unless given. */
  timeouts?: { request: number; upload: number }
  /** Milliseconds since 1970; the system's clock unless given. */
  now?: () => number
}

export class Mattermost implements ChatService {
  readonly name: string
  readonly title = 'Mattermost'
  readonly #api: MattermostApi
  readonly #site: MattermostSite
  readonly #people: MattermostPeople
  readonly #signature: string | undefined
  readonly #now: () => number

  /** Connects to nothing yet. @throws {TypeError} if `url` is no http(s) address. */
  constructor(config: MattermostConfig) {
    const { url, token, team, timeouts = { request: 15_000, upload: 120_000 } } = config
    this.name = config.name ?? 'mattermost'
    this.#now = config.now ?? Date.now
    this.#api = new MattermostApi({ url, token, timeouts })
    this.#site = new MattermostSite(this.#api, team, this.#now)
    this.#people = new MattermostPeople(this.name, this.#api, this.#site, config.identity)
    this.#signature = config.signature
  }

  capabilities(): Capabilities {
    return this.#site.capabilities()
  }

  async ready(signal: AbortSignal): Promise<Readiness> {
    try {
      const { bot, team, version } = await this.#site.read(signal)
      return {
        ready: true,
        detail: `Mattermost ${version} at ${this.#api.site}, team "${team.name}", as @${bot.username}`,
      }
    } catch (error) {
      if (error instanceof ChatError) return { ready: false, detail: error.message }
      return { ready: false, detail: `Mattermost at ${this.#api.site} was not reached in time` }
    }
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
    return deliverPost(this.#deps(), delivery, channelId, site, checkpoint, signal)
  }

  async edit(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal): Promise<Delivered> {
    const site = await this.#site.facts(signal)
    const { channelId } = await this.#people.checkAgain(edit.destination, site, signal)
    return editPost(this.#deps(), edit, channelId, site, checkpoint, signal)
  }

  /** Also by a person who may no longer post there: taking back what one wrote harms nobody. */
  async remove(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal): Promise<void> {
    const site = await this.#site.facts(signal)
    const { channelId } = Address.parse(edit.destination.address)
    await removePost(this.#deps(), edit, channelId, site, checkpoint, signal)
  }

  #deps() {
    return { api: this.#api, signature: this.#signature, now: this.#now }
  }

  async close(): Promise<void> {
    // Each request has its own connection; none outlives its answer.
  }
}
