// Which Mattermost account belongs to whom: by the admin's word (one login on both sides, or a map)
// or by a code that the bot sends to the account. The id is kept from the first use on.
import { z } from 'zod'
import { ChatError } from '../../errors.ts'
import type { Account, Linking, Person } from '../chat.ts'
import type { Links } from '../links.ts'
import { hubNameOf, isLaterHolder } from '../person-name.ts'
import { apiPath } from './api.ts'
import type { MattermostMemory } from './memory.ts'
import { User } from './records.ts'
import { refusalId } from './refusal.ts'
import type { MattermostApi } from './api.ts'
import type { MattermostSite, SiteFacts } from './site.ts'

/** Names that Mattermost itself accepts, in lower case. */
const USERNAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

const Member = z.object({ delete_at: z.number().optional() })

export interface Identity {
  /**
   * `same-name`: the admin vouches that a Hub user and a chat user with the same name are one
   * person; `map`: only the people in the map; `code`: those in the map, others by `%post --link`.
   */
  kind: 'same-name' | 'map' | 'code'
  /** Hub name -> Mattermost user name; comes before everything else. */
  names: Readonly<Record<string, string>>
  links: Links
}

export interface AccountsDeps {
  api: MattermostApi
  site: MattermostSite
  memory: MattermostMemory
}

export class MattermostAccounts implements Linking {
  readonly #service: string
  readonly #api: MattermostApi
  readonly #site: MattermostSite
  readonly #memory: MattermostMemory
  readonly #identity: Identity

  /** @param service - Name of the configured service; two servers have separate links. */
  constructor(service: string, { api, site, memory }: AccountsDeps, identity: Identity) {
    this.#service = service
    this.#api = api
    this.#site = site
    this.#memory = memory
    this.#identity = identity
  }

  /** The person's own account. @throws {ChatError} `identity_not_linked` */
  async of(person: Person, site: SiteFacts, signal: AbortSignal): Promise<User> {
    const { links } = this.#identity
    const pinned = await links.find(this.#service, person.name)
    if (pinned !== undefined) {
      const user = await this.active(pinned, signal)
      if (user) return user
      throw this.#notLinked(
        person,
        `The Mattermost account of ${person.name} does not exist any more`,
      )
    }
    const name = this.#nameOf(person)
    const user = name === undefined ? undefined : await this.#member(name, site, signal)
    if (!user) throw this.#notLinked(person, noAccount(person, name, site))
    await links.pin(this.#service, person.name, user.id)
    // From now on the account is asked for by its id.
    await this.#memory.users.get(user.id, async () => user)
    return user
  }

  async named(name: string, signal: AbortSignal): Promise<User | undefined> {
    if (!USERNAME.test(name)) return undefined
    const user = await this.#memory.names.get(name, () =>
      found(this.#api.get(apiPath(['users', 'username', name]), User, signal)),
    )
    return user && user.delete_at === 0 && user.is_bot !== true ? user : undefined
  }

  async inTeam(userId: string, site: SiteFacts, signal: AbortSignal): Promise<boolean> {
    const isMember = await this.#memory.teamMembers.get(userId, async () => {
      const url = apiPath(['teams', site.team.id, 'members', userId])
      const member = await found(this.#api.get(url, Member, signal))
      return member !== undefined && (member.delete_at ?? 0) === 0 ? true : undefined
    })
    return isMember === true
  }

  /** The account with this id, unless it is deactivated. */
  async active(userId: string, signal: AbortSignal): Promise<User | undefined> {
    const user = await this.#memory.users.get(userId, () =>
      found(this.#api.get(apiPath(['users', userId]), User, signal)),
    )
    return user?.delete_at === 0 ? user : undefined
  }

  unneeded(person: Person): string | undefined {
    const name = this.#nameOf(person)
    if (this.#proves(person) && name === undefined) return undefined
    const account = `your account at Mattermost (${this.#service})`
    if (name === undefined)
      return `The relay's admin lists who has which account at Mattermost (${this.#service}), and you are not on the list: ask the admin`
    if (this.#mapped(person) !== undefined)
      return `No link is needed: the relay's admin says that ${account} is @${name}`
    return `No link is needed: ${account} is the one with your own name, @${name}`
  }

  async reach(signal: AbortSignal): Promise<void> {
    await this.#site.facts(signal)
  }

  async find(name: string, signal: AbortSignal): Promise<Account | undefined> {
    const site = await this.#site.facts(signal)
    const user = await this.#member(name.replace(/^@/, '').toLowerCase(), site, signal)
    return user && { id: user.id, label: `@${user.username} (Mattermost)` }
  }

  async tell(account: string, text: string, signal: AbortSignal): Promise<void> {
    const { bot } = await this.#site.facts(signal)
    const created = z.object({ id: z.string() })
    const direct = await this.#api.post(
      apiPath(['channels', 'direct']),
      [bot.id, account],
      created,
      signal,
    )
    await this.#api.post(
      apiPath(['posts']),
      { channel_id: direct.id, message: text },
      created,
      signal,
    )
  }

  async #member(name: string, site: SiteFacts, signal: AbortSignal): Promise<User | undefined> {
    const user = await this.named(name, signal)
    return user && (await this.inTeam(user.id, site, signal)) ? user : undefined
  }

  /**
   * The account's name, if the admin's word is enough. Whoever has a name at the Hub that was
   * another's has to prove more than that name.
   */
  #nameOf(person: Person): string | undefined {
    const name = this.#mapped(person)
    const isSame = this.#identity.kind === 'same-name' && !isLaterHolder(person.name)
    return (name ?? (isSame ? person.name : undefined))?.toLowerCase()
  }

  #mapped({ name }: Person): string | undefined {
    const { names } = this.#identity
    return Object.hasOwn(names, name) ? names[name] : undefined
  }

  /** Whether a code links this person, and not the admin's word alone. */
  #proves({ name }: Person): boolean {
    return this.#identity.kind === 'code' || isLaterHolder(name)
  }

  #notLinked(person: Person, what: string): ChatError {
    const step = this.#proves(person)
      ? `link yours: %post --link ${this.#service}:NAME, with your user name at Mattermost, makes the bot send you a code there`
      : 'ask the admin of the Hub to link your account'
    return new ChatError(`${what}; ${step}`, {
      status: 403,
      retryable: false,
      code: 'identity_not_linked',
    })
  }
}

function noAccount(person: Person, name: string | undefined, site: SiteFacts): string {
  const none = `No Mattermost account is linked to ${person.name}`
  if (isLaterHolder(person.name))
    return `${none}, because ${hubNameOf(person.name)} was another's name at the Hub, or made no request for 30 days`
  if (name === undefined) return none
  return `${none}: expected a member of team "${site.team.name}" named "${name}"`
}

/** Undefined for something that does not exist or that the bot may not see. */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    const hidden = error instanceof ChatError && [403, 404].includes(error.status)
    // A 403 or 404 without Mattermost's own id comes from something between us and it.
    if (hidden && refusalId(error) !== '') return undefined
    throw error
  }
}
