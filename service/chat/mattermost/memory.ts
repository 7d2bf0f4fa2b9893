// What the relay remembers of people and channels, so that a delivery need not ask for them again,
// and which events end that. Measured on a server of version 5.37: the bot hears of members,
// names and archiving of channels that it is in, of team members and of accounts, and of nothing
// else.
import { z } from 'zod'
import type { ServerEvent } from './connection.ts'
import { parseJson } from './refusal.ts'
import type { Channel, User } from './records.ts'
import { Remembered, Trust } from './remembered.ts'
import type { TrustOptions } from './remembered.ts'

const Id = z.string().min(1)
/** `data` of an event, as far as it names whom or what it is about. */
const About = z.object({
  user_id: Id.optional(),
  channel_id: Id.optional(),
  /** The account as it is now. */
  user: z.object({ id: Id }).optional(),
  /** The channel as it is now, as JSON. */
  channel: z.string().optional(),
})
const WithId = z.object({ id: Id })

export class MattermostMemory {
  /** By id. */
  readonly users: Remembered<User>
  /** By user name. */
  readonly names: Remembered<User>
  /** User id -> member of the team. */
  readonly teamMembers: Remembered<true>
  /** By name. */
  readonly channels: Remembered<Channel>
  /** Channel id -> the bot is in it. */
  readonly joined: Remembered<true>
  /** Channel and user, see `memberKey`. */
  readonly channelMembers: Remembered<true>
  /** User id -> the bot's direct channel with them, which never changes. */
  readonly directs: Remembered<string>
  readonly #trust: Trust

  constructor(options: TrustOptions) {
    const trust = new Trust(options)
    this.#trust = trust
    this.users = new Remembered(trust)
    this.names = new Remembered(trust)
    this.teamMembers = new Remembered(trust)
    this.joined = new Remembered(trust)
    const isIn = (channelId: string) => this.joined.known(channelId) !== undefined
    this.channels = new Remembered<Channel>(trust, ({ id }) => isIn(id))
    this.channelMembers = new Remembered<true>(trust, (_, key) => isIn(channelOf(key)))
    this.directs = new Remembered(trust)
  }

  /** Events may have been missed: nothing of before is trusted. */
  missed(): void {
    this.#trust.missed()
  }

  /** @param bot - The bot's own id. */
  heard({ event, data, broadcast }: ServerEvent, bot: string): void {
    const about = About.safeParse(data ?? {}).data
    const channel = about?.channel_id ?? broadcast?.channel_id ?? ''
    const user = about?.user_id ?? broadcast?.user_id ?? ''
    switch (event) {
      case 'user_removed':
        this.#left(channel, user, bot)
        break
      case 'leave_team':
        if (user === bot) this.missed()
        this.teamMembers.forget((_, id) => id === user)
        this.channelMembers.forget((_, key) => userOf(key) === user)
        break
      case 'user_updated':
        this.users.forget((_, id) => id === about?.user?.id)
        this.names.forget(({ id }) => id === about?.user?.id)
        break
      case 'channel_updated':
        this.#changed(WithId.safeParse(parseJson(about?.channel ?? '')).data?.id ?? '')
        break
      case 'channel_deleted':
      case 'channel_restored':
      case 'channel_converted':
        this.#changed(channel)
        break
      default:
        return
    }
    // An answer that is on its way now may be from before.
    this.#trust.changed()
  }

  #left(channel: string, user: string, bot: string): void {
    if (user !== bot) {
      this.channelMembers.forget((_, key) => key === memberKey(channel, user))
      return
    }
    this.joined.forget((_, id) => id === channel)
    this.channelMembers.forget((_, key) => channelOf(key) === channel)
  }

  #changed(channel: string): void {
    this.channels.forget(({ id }) => id === channel)
  }
}

export function memberKey(channelId: string, userId: string): string {
  return `${channelId} ${userId}`
}

function channelOf(key: string): string {
  return key.slice(0, key.indexOf(' '))
}

function userOf(key: string): string {
  return key.slice(key.indexOf(' ') + 1)
}
