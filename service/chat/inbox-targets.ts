// Where a person may post in the inbox (docs/spec.md 5.5): locally there is one person, who owns
// everything, and a new name is a new channel; on a Hub a channel is a Hub group.
import { ChatError } from '../errors.ts'
import { nearestNames } from '../../post/contract/nearest.ts'
import { targetParts } from '../../post/contract/target.ts'
import type { Destination, Person, Target } from './chat.ts'
import { folded, handleOf } from './display-name.ts'
import { hubNameOf } from './person-name.ts'
import type { InboxStore } from './inbox-store.ts'

type Channels = Pick<InboxStore, 'hasChannel' | 'channels' | 'people'>
type ChannelTarget = Extract<Target, { kind: 'channel' }>

export interface InboxTargetsOptions {
  store: Channels
  mode: 'local' | 'hub'
  /** The name in the relay of who has a name at the Hub. */
  holderOf?: ((hubName: string) => string) | undefined
}

export class InboxTargets {
  readonly #store: Channels
  readonly #mode: 'local' | 'hub'
  readonly #holderOf: (hubName: string) => string

  constructor({ store, mode, holderOf = (name) => name }: InboxTargetsOptions) {
    this.#store = store
    this.#mode = mode
    this.#holderOf = holderOf
  }

  /** @throws {ChatError} */
  resolve(target: Target, person: Person): Destination {
    if ('at' in target && target.at !== undefined) throw this.#isLink(target, person)
    switch (target.kind) {
      case 'me':
        return inboxOf(person.name, 'your inbox', person)
      case 'person':
        return this.#person(target.name, person)
      case 'channel':
        return this.#channel(target, person)
      case 'display name':
        return this.#displayed(target.name, person)
    }
  }

  /** Checks again right before a post is stored: memberships end. @throws {ChatError} */
  checkAgain({ address: { channel }, label }: Destination, person: Person): void {
    if (this.#mode === 'local' || channel === undefined || person.groups.includes(channel)) return
    const words = `You may no longer post to ${label}: you are not in that group of the Hub now`
    throw new ChatError(words, { status: 403, retryable: false, code: 'not_allowed' })
  }

  /** What matches the query; the best first. */
  like(query: string, person: Person): string[] {
    const typed = query.toLowerCase()
    return this.#allowed(person)
      .filter((target) => target.toLowerCase().includes(typed))
      .toSorted(
        (a, b) =>
          Number(b.toLowerCase().startsWith(typed)) - Number(a.toLowerCase().startsWith(typed)),
      )
  }

  #channel({ name, orPerson }: ChannelTarget, person: Person): Destination {
    if (this.#isChannel(name, person)) return channelOf(name, person, [])
    if (orPerson === true && this.#isPerson(this.#holderOf(name), person))
      return this.#person(name, person)
    if (this.#mode === 'hub') {
      throw this.#refused(
        'not_allowed',
        `~${name}`,
        person,
        'on this Hub a channel is a Hub group that you are a member of',
      )
    }
    return channelOf(name, person, [`~${name} is a new channel of your inbox`])
  }

  /** A name with blanks is that of a group, or the handle that a chat would make of it. */
  #displayed(name: string, person: Person): Destination {
    const handle = handleOf(name)
    if (this.#isChannel(handle, person)) return channelOf(handle, person, [])
    const alike = this.#channels(person).filter((one) => folded(one) === folded(name))
    const [only] = alike
    if (only !== undefined && alike.length === 1) return channelOf(only, person, [])
    const isHandle = targetParts(`~${handle}`)?.form === 'channel'
    if (this.#mode === 'local' && alike.length === 0 && isHandle)
      return channelOf(handle, person, [`~${handle} is a new channel of your inbox`])
    throw this.#refused(
      this.#mode === 'hub' ? 'not_allowed' : 'unknown_target',
      `"${name}"`,
      person,
      'expected the name of one channel of this inbox',
    )
  }

  #person(typed: string, person: Person): Destination {
    const name = this.#holderOf(typed)
    if (name === person.name) return inboxOf(name, 'your inbox', person)
    if (this.#isPerson(name, person)) return inboxOf(name, `the inbox of @${name}`, person)
    if (this.#mode === 'hub') {
      throw this.#refused(
        'not_allowed',
        `@${typed}`,
        person,
        'the inbox takes posts to people of this Hub who have used jupyterpost',
      )
    }
    throw this.#refused(
      'unknown_target',
      `@${typed}`,
      person,
      `this inbox is of @${person.name} alone; post to @me or to a channel`,
    )
  }

  #isChannel(name: string, person: Person): boolean {
    return this.#mode === 'hub' ? person.groups.includes(name) : this.#store.hasChannel(name)
  }

  #isPerson(name: string, person: Person): boolean {
    if (name === person.name) return true
    return this.#mode === 'hub' && this.#store.people().includes(name)
  }

  #channels(person: Person): readonly string[] {
    return this.#mode === 'hub' ? person.groups : this.#store.channels()
  }

  #allowed(person: Person): string[] {
    const channels = this.#channels(person)
    if (this.#mode === 'local') return ['@me', ...channels]
    const own = hubNameOf(person.name)
    // A name with a slash cannot be typed: it is a service, or found by the name at the Hub.
    const others = this.#store.people().filter((name) => name !== own && !name.includes('/'))
    return ['@me', ...channels, ...others.map((name) => `@${name}`)]
  }

  #isLink({ at = '' }: { at?: string }, person: Person): ChatError {
    const words = 'the channels of this inbox have no links; post to one by its name'
    return this.#refused('unknown_target', `a link to ${at}`, person, words)
  }

  #refused(
    code: 'unknown_target' | 'not_allowed',
    asked: string,
    person: Person,
    why: string,
  ): ChatError {
    const nearest = nearestNames(asked.replace(/^~/, ''), this.#allowed(person)).map((name) =>
      name.startsWith('@') ? name : `~${name}`,
    )
    const hint = nearest.length > 0 ? `. Did you mean ${nearest.join(', ')}?` : ''
    return new ChatError(`Cannot post to ${asked}: ${why}${hint}`, {
      status: code === 'not_allowed' ? 403 : 404,
      retryable: false,
      code,
      nearest,
    })
  }
}

function channelOf(name: string, { name: poster }: Person, notices: string[]): Destination {
  const label = `~${name}`
  const names = [label]
  return { lane: label, label, address: { channel: name }, accounts: { poster }, names, notices }
}

function inboxOf(name: string, label: string, { name: poster }: Person): Destination {
  const lane = `@${name}`
  const names = name === poster ? [lane, '@me'] : [lane]
  return { lane, label, address: {}, notices: [], names, accounts: { poster, person: name } }
}
