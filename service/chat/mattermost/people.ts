// Who a person is on Mattermost and where they may post: `@me`, channels of the team whose member
// they are, direct messages to members of the team. Unknown and forbidden names get the same
// answer, so nobody can probe for private channels.
import { z } from 'zod'
import { ChatError } from '../../errors.ts'
import type { Destination, Person, Target } from '../chat.ts'
import { found, User } from './accounts.ts'
import type { MattermostAccounts } from './accounts.ts'
import { apiPath } from './api.ts'
import type { MattermostApi } from './api.ts'
import type { MattermostSite, SiteFacts } from './site.ts'
import { nearestNames } from '../../../post/contract/nearest.ts'

/** Names that Mattermost itself accepts, in lower case. */
const CHANNEL_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/
/** Candidates whose membership is checked for a hint or a completion. */
const MOST_CANDIDATES = 10

const Channel = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  delete_at: z.number(),
})
type Channel = z.infer<typeof Channel>
const Member = z.object({ user_id: z.string(), delete_at: z.number().optional() })
const Joined = z.object({ user_id: z.string() })

/** The content of `Destination.address`. */
export const Address = z.object({
  channelId: z.string(),
  kind: z.enum(['channel', 'direct']),
  /** The poster's account. */
  userId: z.string(),
  /** The account on the other side of a direct message. */
  otherId: z.string().optional(),
})
export type Address = z.infer<typeof Address>

/** Who wants to post, as the server knows them now. */
interface Sender {
  user: User
  person: Person
  site: SiteFacts
  signal: AbortSignal
}

export class MattermostPeople {
  readonly #api: MattermostApi
  readonly #site: MattermostSite
  readonly #accounts: MattermostAccounts

  constructor(api: MattermostApi, site: MattermostSite, accounts: MattermostAccounts) {
    this.#api = api
    this.#site = site
    this.#accounts = accounts
  }

  async resolve(target: Target, person: Person, signal: AbortSignal): Promise<Destination> {
    const site = await this.#site.facts(signal)
    const user = await this.#accounts.of(person, site, signal)
    if (target.kind === 'channel') return this.#channel(target.name, { user, person, site, signal })
    const other =
      target.kind === 'me' ? user : await this.#member(target.name, person, site, signal)
    const direct = await this.#api.post(
      apiPath(['channels', 'direct']),
      [site.bot.id, other.id],
      z.object({ id: z.string() }),
      signal,
    )
    return {
      lane: direct.id,
      label: `@${other.username} (Mattermost)`,
      address: { channelId: direct.id, kind: 'direct', userId: user.id, otherId: other.id },
      notices: [],
      accounts: { poster: user.id, person: other.id },
    }
  }

  /** Checks again right before sending: memberships end. @throws {ChatError} `not_allowed` */
  async checkAgain(
    destination: Destination,
    site: SiteFacts,
    signal: AbortSignal,
  ): Promise<Address> {
    const address = Address.parse(destination.address)
    const allowed =
      address.kind === 'channel'
        ? await this.#inChannel(address.channelId, address.userId, signal)
        : await this.#accounts.inTeam(address.otherId ?? address.userId, site, signal)
    if (allowed) return address
    throw new ChatError(`You may no longer post to ${destination.label}`, {
      status: 403,
      retryable: false,
      code: 'not_allowed',
    })
  }

  async targets(query: string, person: Person, signal: AbortSignal): Promise<string[]> {
    const site = await this.#site.facts(signal)
    const user = await this.#accounts.of(person, site, signal)
    const typed = query.toLowerCase().replace(/^[@~#]/, '')
    const channels = query.startsWith('@')
      ? []
      : await this.#allowedChannels(typed, user, site, signal)
    const people =
      /^[~#]/.test(query) || typed === '' ? [] : await this.#peopleLike(typed, site, signal)
    const me = query === '' || '@me'.startsWith(query.toLowerCase()) ? ['@me'] : []
    return [...me, ...channels, ...people]
  }

  async #channel(rawName: string, { user, person, site, signal }: Sender): Promise<Destination> {
    const name = rawName.toLowerCase()
    const channel = CHANNEL_NAME.test(name)
      ? await found(
          this.#api.get(
            apiPath(['teams', site.team.id, 'channels', 'name', name]),
            Channel,
            signal,
          ),
        )
      : undefined
    if (!channel || channel.delete_at > 0 || !(await this.#mayPost(channel, user, site, signal))) {
      const nearest = await this.#allowedChannels(name, user, site, signal)
      throw unknownTarget(`Channel "~${rawName}"`, person, site, nearestNames(name, nearest))
    }
    return {
      lane: channel.id,
      label: `~${channel.name} (Mattermost)`,
      address: { channelId: channel.id, kind: 'channel', userId: user.id },
      notices: [],
      accounts: { poster: user.id },
    }
  }

  /**
   * Whether the person is a member. To see the members of a public channel the bot must be in it:
   * it joins public channels, never private ones.
   */
  async #mayPost(
    channel: Channel,
    user: User,
    site: SiteFacts,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (channel.type === 'O' && !(await this.#inChannel(channel.id, site.bot.id, signal))) {
      const url = apiPath(['channels', channel.id, 'members'])
      await found(this.#api.post(url, { user_id: site.bot.id }, Joined, signal))
    }
    return this.#inChannel(channel.id, user.id, signal)
  }

  async #member(
    rawName: string,
    person: Person,
    site: SiteFacts,
    signal: AbortSignal,
  ): Promise<User> {
    const user = await this.#accounts.named(rawName.toLowerCase(), signal)
    if (user && (await this.#accounts.inTeam(user.id, site, signal))) return user
    const people = await this.#peopleLike(rawName.toLowerCase().slice(0, 2), site, signal)
    throw unknownTarget(`"@${rawName}"`, person, site, nearestNames(`@${rawName}`, people))
  }

  /** Channels with both the bot and the person, those like `typed` first. */
  async #allowedChannels(
    typed: string,
    user: User,
    site: SiteFacts,
    signal: AbortSignal,
  ): Promise<string[]> {
    const channels = await this.#api.get(
      apiPath(['users', 'me', 'teams', site.team.id, 'channels']),
      z.array(Channel),
      signal,
    )
    const open = channels.filter(({ type, delete_at }) => 'OP'.includes(type) && delete_at === 0)
    const names = open.map(({ name }) => name)
    const like = names.filter((name) => name.includes(typed)).toSorted(byPrefix(typed))
    const candidates = [...new Set([...like, ...nearestNames(typed, names)])].slice(
      0,
      MOST_CANDIDATES,
    )
    const checked = await Promise.all(
      candidates.map(async (name) => {
        const channel = open.find((one) => one.name === name)
        return channel !== undefined && (await this.#inChannel(channel.id, user.id, signal))
      }),
    )
    return candidates.filter((_, index) => checked[index])
  }

  async #peopleLike(typed: string, site: SiteFacts, signal: AbortSignal): Promise<string[]> {
    const query = { in_team: site.team.id, name: typed, limit: String(MOST_CANDIDATES) }
    const like = await this.#api.get(
      apiPath(['users', 'autocomplete'], query),
      z.object({ users: z.array(User.partial({ delete_at: true })).nullable() }),
      signal,
    )
    return (like.users ?? [])
      .filter((user) => user.is_bot !== true && (user.delete_at ?? 0) === 0)
      .map((user) => `@${user.username}`)
  }

  async #inChannel(channelId: string, userId: string, signal: AbortSignal): Promise<boolean> {
    const url = apiPath(['channels', channelId, 'members', userId])
    return (await found(this.#api.get(url, Member, signal))) !== undefined
  }
}

function byPrefix(typed: string): (a: string, b: string) => number {
  return (a, b) => Number(b.startsWith(typed)) - Number(a.startsWith(typed)) || a.localeCompare(b)
}

function unknownTarget(
  asked: string,
  person: Person,
  site: SiteFacts,
  nearest: string[],
): ChatError {
  const hint = nearest.length > 0 ? `; nearest: ${nearest.join(', ')}` : ''
  return new ChatError(
    `${asked} is not among the targets of ${person.name} in team "${site.team.name}"${hint}. You must be a member; a private channel must have invited @${site.bot.username} too`,
    { status: 404, retryable: false, code: 'unknown_target', nearest },
  )
}
