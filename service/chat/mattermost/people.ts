// Who a person is on Mattermost and where they may post: `@me`, channels of the team whose member
// they are, direct messages to members of the team. Unknown and forbidden names get the same
// answer, so nobody can probe for private channels.
import { z } from 'zod'
import { nearestNames } from '../../../post/contract/nearest.ts'
import { ChatError } from '../../errors.ts'
import type { Destination, Person, Target } from '../chat.ts'
import type { MattermostAccounts } from './accounts.ts'
import { apiPath } from './api.ts'
import type { MattermostApi } from './api.ts'
import { MattermostChannels } from './channels.ts'
import type { Poster } from './channels.ts'
import type { MattermostMemory } from './memory.ts'
import { User } from './records.ts'
import type { Channel } from './records.ts'
import type { MattermostSite, SiteFacts } from './site.ts'

/** People asked of the server for a hint or a completion. */
const MOST_PEOPLE = 10
const MOST_HINTS = 3
/** The beginning of a mistyped name is taken to be right: the server finds names by it. */
const BEGINNING = 2

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
interface Sender extends Poster {
  person: Person
}

export interface PeopleDeps {
  api: MattermostApi
  site: MattermostSite
  memory: MattermostMemory
  accounts: MattermostAccounts
}

export class MattermostPeople {
  readonly #api: MattermostApi
  readonly #site: MattermostSite
  readonly #memory: MattermostMemory
  readonly #accounts: MattermostAccounts
  readonly #channels: MattermostChannels

  constructor({ api, site, memory, accounts }: PeopleDeps) {
    this.#api = api
    this.#site = site
    this.#memory = memory
    this.#accounts = accounts
    this.#channels = new MattermostChannels({ api, memory, accounts })
  }

  async resolve(target: Target, person: Person, signal: AbortSignal): Promise<Destination> {
    const site = await this.#site.facts(signal)
    if ('at' in target && target.at !== undefined && !this.#site.isAt(target.at))
      throw this.#elsewhere(target.at, site)
    const user = await this.#accounts.of(person, site, signal)
    const sender = { user, person, site, signal }
    switch (target.kind) {
      case 'me':
        return this.#direct(user, sender)
      case 'person': {
        const other = await this.#member(target.name, sender)
        if (other !== undefined) return this.#direct(other, sender)
        throw await this.#unknown(`"@${target.name}"`, target.name, '@', sender)
      }
      case 'channel':
        return this.#channel(target.name, target.orPerson === true, sender)
      case 'display name':
        return this.#displayed(target.name, sender)
    }
  }

  /** Checks again right before sending: memberships end. @throws {ChatError} `not_allowed` */
  async checkAgain(
    destination: Destination,
    site: SiteFacts,
    signal: AbortSignal,
  ): Promise<Address> {
    const address = Address.parse(destination.address)
    if (await this.#mayStillPost(address, site, signal)) return address
    throw new ChatError(`You may no longer post to ${destination.label}`, {
      status: 403,
      retryable: false,
      code: 'not_allowed',
    })
  }

  /** Accounts that are deactivated or left the team stay members of its channels for a while. */
  async #mayStillPost(address: Address, site: SiteFacts, signal: AbortSignal): Promise<boolean> {
    const { kind, channelId, userId, otherId } = address
    for (const id of new Set([userId, otherId ?? userId])) {
      const user = await this.#accounts.active(id, signal)
      if (!user || !(await this.#accounts.inTeam(id, site, signal))) return false
    }
    if (kind === 'direct') return true
    await this.#channels.hasBot(channelId, site, signal)
    return this.#channels.hasMember(channelId, userId, signal)
  }

  async targets(query: string, person: Person, signal: AbortSignal): Promise<string[]> {
    const site = await this.#site.facts(signal)
    const user = await this.#accounts.of(person, site, signal)
    const typed = query.toLowerCase().replace(/^[@~#]/, '')
    const channels = query.startsWith('@')
      ? []
      : await this.#channels.like(typed, typed, { user, site, signal })
    const people =
      /^[~#]/.test(query) || typed === '' ? [] : await this.#peopleLike(typed, site, signal)
    const me = query === '' || '@me'.startsWith(query.toLowerCase()) ? ['@me'] : []
    return [...me, ...channels, ...people]
  }

  /**
   * The channel's name comes first. Only if there is none, a name without `~` may be that of a
   * person, and then the display name of one channel.
   */
  async #channel(typed: string, orPerson: boolean, sender: Sender): Promise<Destination> {
    const name = typed.toLowerCase()
    const channel = await this.#channels.named(name, sender)
    if (channel !== undefined) return destinationOf(channel, sender)
    if (await this.#channels.isArchived(name, sender)) throw archived(name)
    if (!orPerson) throw await this.#unknown(`Channel "~${typed}"`, name, '~', sender)
    const member = await this.#member(typed, sender)
    if (member !== undefined) return this.#direct(member, sender)
    return this.#displayed(typed, sender)
  }

  async #displayed(name: string, sender: Sender): Promise<Destination> {
    const channels = await this.#channels.displayed(name, sender)
    const [channel] = channels
    if (channel === undefined) throw await this.#unknown(`"${name}"`, name, '', sender)
    if (channels.length === 1) return destinationOf(channel, sender)
    const names = channels.map((one) => `~${one.name}`)
    throw new ChatError(
      `Several channels are called "${name}": write ${names.join(' or ')} for one of them`,
      { status: 404, retryable: false, code: 'unknown_target', nearest: names },
    )
  }

  async #direct(other: User, { user, site, signal }: Sender): Promise<Destination> {
    const open = () =>
      this.#api.post(
        apiPath(['channels', 'direct']),
        [site.bot.id, other.id],
        z.object({ id: z.string() }),
        signal,
      )
    const channelId = await this.#memory.directs.get(other.id, async () => (await open()).id)
    if (channelId === undefined) throw new Error('Mattermost made a direct channel without an id')
    return {
      lane: channelId,
      label: `@${other.username} (Mattermost)`,
      address: { channelId, kind: 'direct', userId: user.id, otherId: other.id },
      notices: [],
      names: [`@${other.username}`, `id:${other.id}`, ...(other.id === user.id ? ['@me'] : [])],
      accounts: { poster: user.id, person: other.id },
    }
  }

  /** A member of the team. */
  async #member(typed: string, { site, signal }: Sender): Promise<User | undefined> {
    const user = await this.#accounts.named(typed.toLowerCase(), signal)
    return user && (await this.#accounts.inTeam(user.id, site, signal)) ? user : undefined
  }

  async #peopleLike(typed: string, site: SiteFacts, signal: AbortSignal): Promise<string[]> {
    const query = { in_team: site.team.id, name: typed, limit: String(MOST_PEOPLE) }
    const like = await this.#api.get(
      apiPath(['users', 'autocomplete'], query),
      z.object({ users: z.array(User.partial({ delete_at: true })).nullable() }),
      signal,
    )
    return (like.users ?? [])
      .filter((user) => user.is_bot !== true && (user.delete_at ?? 0) === 0)
      .map((user) => `@${user.username}`)
  }

  /** @param prefix - `@`: a person was meant, `~`: a channel, empty: either. */
  async #unknown(
    asked: string,
    name: string,
    prefix: '@' | '~' | '',
    { person, ...poster }: Sender,
  ): Promise<ChatError> {
    const { site, signal } = poster
    const typed = name.toLowerCase()
    const beginning = Array.from(typed).slice(0, BEGINNING).join('')
    const [channels, people] = await Promise.all([
      prefix === '@' ? [] : this.#channels.like(typed, beginning, poster),
      prefix === '~' ? [] : this.#peopleLike(beginning, site, signal),
    ])
    const real = new Map([
      ...people.map((one): [string, string] => [one.slice(1), one]),
      ...channels.map((one): [string, string] => [one, `~${one}`]),
    ])
    // As in `%post Town Square hello`, where only the first word is the target.
    const begun = [...real.keys()].filter((one) => one.startsWith(typed))
    const nearest = [...new Set([...nearestNames(typed, real.keys()), ...begun])]
      .slice(0, MOST_HINTS)
      .map((one) => real.get(one) ?? one)
    const hint = nearest.length > 0 ? `; nearest: ${nearest.join(', ')}` : ''
    return new ChatError(
      `${asked} is not among the targets of ${person.name} in team "${site.team.name}"${hint}. You must be a member; a private channel must have invited @${site.bot.username} too`,
      { status: 404, retryable: false, code: 'unknown_target', nearest },
    )
  }

  #elsewhere(at: string, site: SiteFacts): ChatError {
    return new ChatError(
      `A link to ${at} is none into this relay's chat: expected one that begins with ${site.address}/${site.team.name}/`,
      { status: 404, retryable: false, code: 'unknown_target' },
    )
  }
}

function destinationOf(channel: Channel, { user }: Sender): Destination {
  return {
    lane: channel.id,
    label: `~${channel.name} (Mattermost)`,
    address: { channelId: channel.id, kind: 'channel', userId: user.id },
    notices: [],
    names: [`~${channel.name}`, `id:${channel.id}`],
    accounts: { poster: user.id },
  }
}

function archived(name: string): ChatError {
  return new ChatError(
    `Channel "~${name}" is archived: nobody can post there until somebody restores it`,
    { status: 403, retryable: false, code: 'not_allowed' },
  )
}
