// The channels of the team in which a person may post: by name, by display name, and those like
// what was typed. Nothing here lists all channels of a team: a search gives 50 at most. Channels
// that the person may not post to are never told from those that do not exist.
import { z } from 'zod'
import { nearestNames } from '../../../post/contract/nearest.ts'
import { folded, handleOf, mixesAlphabets } from '../display-name.ts'
import { found } from './accounts.ts'
import type { MattermostAccounts } from './accounts.ts'
import { apiPath } from './api.ts'
import type { MattermostApi } from './api.ts'
import { memberKey } from './memory.ts'
import type { MattermostMemory } from './memory.ts'
import { Channel } from './records.ts'
import type { User } from './records.ts'
import type { SiteFacts } from './site.ts'

/** Names that Mattermost itself accepts, in lower case. */
const CHANNEL_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/
/** Candidates whose membership is checked for a hint or a completion. */
const MOST_CANDIDATES = 10
/** Channels with the same display name that are looked at; more are too many to choose from. */
const MOST_ALIKE = 5

const Member = z.object({ user_id: z.string(), delete_at: z.number().optional() })
const Joined = z.object({ user_id: z.string() })

/** Whose channels, as the server knows them now. */
export interface Poster {
  user: User
  site: SiteFacts
  signal: AbortSignal
}

export interface ChannelsDeps {
  api: MattermostApi
  memory: MattermostMemory
  accounts: MattermostAccounts
}

export class MattermostChannels {
  readonly #api: MattermostApi
  readonly #memory: MattermostMemory
  readonly #accounts: MattermostAccounts

  constructor({ api, memory, accounts }: ChannelsDeps) {
    this.#api = api
    this.#memory = memory
    this.#accounts = accounts
  }

  /** The channel with this name, if the person may post there. */
  async named(name: string, poster: Poster): Promise<Channel | undefined> {
    const channel = await this.#memory.channels.get(name, () => this.#named(name, poster))
    // The bot's conversations are found by name too, as `ID__ID`; they belong to no team.
    const isChannel = channel !== undefined && 'OP'.includes(channel.type)
    const isOpen = isChannel && channel.delete_at === 0
    return isOpen && (await this.#mayPost(channel, poster)) ? channel : undefined
  }

  /**
   * Whether the channel is archived, and the person knows it: it is public, or they are a member.
   */
  async isArchived(name: string, poster: Poster): Promise<boolean> {
    const { user, site, signal } = poster
    const channel = await this.#named(name, poster, { include_deleted: 'true' })
    if (channel === undefined || channel.delete_at === 0) return false
    return channel.type === 'O'
      ? this.#accounts.inTeam(user.id, site, signal)
      : this.hasMember(channel.id, user.id, signal)
  }

  /**
   * Channels with this display name, or with the name that Mattermost would make of it, where the
   * person may post. If that name is among them, it is the only one: others cannot take it.
   */
  async displayed(name: string, poster: Poster): Promise<Channel[]> {
    const handle = handleOf(name)
    const [own, inTeam, joined] = await Promise.all([
      this.named(handle, poster),
      this.#search('autocomplete', folded(name), poster),
      this.#search('search_autocomplete', folded(name), poster),
    ])
    if (own !== undefined) return [own]
    const alike = new Map(
      [...inTeam, ...joined]
        .filter(({ display_name: shown }) => folded(shown) === folded(name))
        .filter(({ display_name: shown }) => !mixesAlphabets(shown))
        .map((channel) => [channel.id, channel]),
    )
    const allowed: Channel[] = []
    for (const channel of [...alike.values()].slice(0, MOST_ALIKE))
      if (await this.#mayPost(channel, poster)) allowed.push(channel)
    return allowed
  }

  /**
   * Names of channels with both the bot and the person, those that contain what was typed first.
   *
   * @param query - What the server looks for: what was typed, or only its beginning.
   */
  async like(typed: string, query: string, poster: Poster): Promise<string[]> {
    const { user, signal } = poster
    const channels = await this.#search('search_autocomplete', query, poster)
    const names = channels.map(({ name }) => name)
    const like = channels
      .filter((one) => one.name.includes(typed) || folded(one.display_name).includes(typed))
      .map(({ name }) => name)
      .toSorted(byPrefix(typed))
    const candidates = [...new Set([...like, ...nearestNames(typed, names)])].slice(
      0,
      MOST_CANDIDATES,
    )
    const checked = await Promise.all(
      candidates.map(async (name) => {
        const channel = channels.find((one) => one.name === name)
        return channel !== undefined && (await this.hasMember(channel.id, user.id, signal))
      }),
    )
    return candidates.filter((_, index) => checked[index])
  }

  async hasMember(channelId: string, userId: string, signal: AbortSignal): Promise<boolean> {
    const key = memberKey(channelId, userId)
    const isMember = await this.#memory.channelMembers.get(key, () =>
      this.#isMember(channelId, userId, signal),
    )
    return isMember === true
  }

  /** Whether the bot is in the channel: only then is it told when a member leaves. */
  async hasBot(channelId: string, { bot }: SiteFacts, signal: AbortSignal): Promise<boolean> {
    const isIn = await this.#memory.joined.get(channelId, () =>
      this.#isMember(channelId, bot.id, signal),
    )
    return isIn === true
  }

  async #isMember(
    channelId: string,
    userId: string,
    signal: AbortSignal,
  ): Promise<true | undefined> {
    const url = apiPath(['channels', channelId, 'members', userId])
    return (await found(this.#api.get(url, Member, signal))) && true
  }

  async #named(
    name: string,
    { site, signal }: Poster,
    query: Record<string, string> = {},
  ): Promise<Channel | undefined> {
    if (!CHANNEL_NAME.test(name)) return undefined
    const url = apiPath(['teams', site.team.id, 'channels', 'name', name], query)
    return found(this.#api.get(url, Channel, signal))
  }

  /**
   * Open channels whose name or display name contains the words. `autocomplete` finds the public
   * ones, `search_autocomplete` all that the bot is in. Bots of guests may not search.
   */
  async #search(
    kind: 'autocomplete' | 'search_autocomplete',
    name: string,
    { site, signal }: Poster,
  ): Promise<Channel[]> {
    const url = apiPath(['teams', site.team.id, 'channels', kind], { name })
    const channels = await found(this.#api.get(url, z.array(Channel).nullable(), signal))
    return (channels ?? []).filter(
      ({ type, delete_at: deleted }) => 'OP'.includes(type) && deleted === 0,
    )
  }

  /**
   * Whether the person is a member. To see the members of a public channel the bot must be in it:
   * it joins public channels, never private ones, and leaves again if it is not needed there.
   */
  async #mayPost({ id, type }: Channel, { user, site, signal }: Poster): Promise<boolean> {
    const members = apiPath(['channels', id, 'members'])
    const isIn = await this.hasBot(id, site, signal)
    const joins = type === 'O' && !isIn
    if (joins) await found(this.#api.post(members, { user_id: site.bot.id }, Joined, signal))
    const mayPost = await this.hasMember(id, user.id, signal)
    // Somebody's wrong target must not leave the bot in a channel.
    if (joins && !mayPost) await found(this.#api.delete(`${members}/${site.bot.id}`, signal))
    return mayPost
  }
}

function byPrefix(typed: string): (a: string, b: string) => number {
  return (a, b) => Number(b.startsWith(typed)) - Number(a.startsWith(typed)) || a.localeCompare(b)
}
