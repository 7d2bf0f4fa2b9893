// The relay's own inbox as a chat service: needs no network and is the model for all other
// adapters. Its rules (docs/spec.md 5.5): locally there is one person, who owns everything; on a
// Hub a channel is a Hub group.
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
import type { InboxReplies, SaidReply } from './inbox-replies.ts'
import type { InboxMessage, InboxStore } from './inbox-store.ts'
import { nearestNames } from '../../post/contract/nearest.ts'

export interface InboxOptions {
  store: InboxStore
  replies: InboxReplies
  mode: 'local' | 'hub'
  /** Address of a message on the page; undefined if there is no page. */
  link: (id: string) => string | undefined
}

const CAPABILITIES: Capabilities = {
  edit: true,
  minEditGapMs: 0,
  thread: true,
  tables: true,
  math: true,
  inlineMath: true,
  text: { max: 1024 * 1024, unit: 'bytes' },
  files: { perMessage: 100, bytes: 25 * 1024 * 1024 },
  images: { pixels: 50_000_000 },
}

export class Inbox implements ChatService {
  readonly name = 'inbox'
  readonly title = 'inbox'
  readonly replies: InboxReplies
  readonly #options: InboxOptions

  constructor(options: InboxOptions) {
    this.#options = options
    this.replies = options.replies
  }

  capabilities(): Capabilities {
    return CAPABILITIES
  }

  async ready(): Promise<Readiness> {
    return { ready: true, detail: 'The inbox is part of the relay' }
  }

  async resolve(target: Target, person: Person): Promise<Destination> {
    if (target.kind === 'channel') return this.#channel(target.name, person)
    if (target.kind === 'me' || target.name === person.name) {
      return inboxOf(person.name, 'your inbox', person)
    }
    return this.#person(target.name, person)
  }

  async targets(query: string, person: Person): Promise<string[]> {
    const typed = query.toLowerCase()
    return this.#allowed(person)
      .filter((target) => target.toLowerCase().includes(typed))
      .toSorted(
        (a, b) =>
          Number(b.toLowerCase().startsWith(typed)) - Number(a.toLowerCase().startsWith(typed)),
      )
  }

  async deliver(delivery: Delivery, _checkpoint: Checkpoint): Promise<Delivered> {
    await this.#options.store.add(delivery)
    return this.#delivered(delivery)
  }

  /** If a restored database lacks the message, it is added again. */
  async edit(edit: Edit): Promise<Delivered> {
    if (!(await this.#options.store.edit(edit))) await this.#options.store.add(edit)
    return this.#delivered(edit)
  }

  async remove({ id }: Edit): Promise<void> {
    await this.#options.store.remove(id)
  }

  addressOf(id: string): string | undefined {
    return this.#options.link(id)
  }

  async close(): Promise<void> {
    // Its store is the relay's database; the relay closes that.
  }

  #delivered({ id, thread, files }: Omit<Delivery, 'attempt'>): Delivered {
    return {
      messages: [{ id, text: true, files: files.length > 0 }],
      url: this.#options.link(id),
      thread: thread ?? id,
      leftOut: [],
    }
  }

  /** What readers of the message see besides it. */
  about(id: string): { replies?: SaidReply[] } {
    const replies = this.replies.of(id)
    return replies.length > 0 ? { replies } : {}
  }

  /** Stores a reader's reply to the message. @throws {RelayError} */
  reply(message: InboxMessage, person: Person, text: string): Promise<SaidReply> {
    return this.replies.add(message, person, text)
  }

  /** Lanes that this person reads. */
  lanes(person: Person): string[] | 'all' {
    if (this.#options.mode === 'local') return 'all'
    return [`@${person.name}`, ...person.groups.map((group) => `~${group}`)]
  }

  #channel(name: string, person: Person): Destination {
    const accounts = { poster: person.name }
    const destination = {
      lane: `~${name}`,
      label: `~${name}`,
      address: { channel: name },
      accounts,
    }
    if (this.#options.mode === 'hub') {
      if (person.groups.includes(name)) return { ...destination, notices: [] }
      throw this.#refused(
        'not_allowed',
        `~${name}`,
        person,
        'on this Hub a channel is a Hub group that you are a member of',
      )
    }
    const notices = this.#options.store.hasChannel(name)
      ? []
      : [`~${name} is a new channel of your inbox`]
    return { ...destination, notices }
  }

  #person(name: string, person: Person): Destination {
    if (this.#options.mode === 'hub') {
      if (this.#options.store.people().includes(name)) {
        return inboxOf(name, `the inbox of @${name}`, person)
      }
      throw this.#refused(
        'not_allowed',
        `@${name}`,
        person,
        'the inbox takes posts to people of this Hub who have used jupyterpost',
      )
    }
    throw this.#refused(
      'unknown_target',
      `@${name}`,
      person,
      `this inbox is of @${person.name} alone; post to @me or to a channel`,
    )
  }

  #allowed(person: Person): string[] {
    const { store, mode } = this.#options
    if (mode === 'local') return ['@me', ...store.channels()]
    const others = store.people().filter((name) => name !== person.name)
    return ['@me', ...person.groups, ...others.map((name) => `@${name}`)]
  }

  #refused(
    code: 'unknown_target' | 'not_allowed',
    asked: string,
    person: Person,
    why: string,
  ): ChatError {
    const nearest = nearestNames(asked.replace(/^~/, ''), this.#allowed(person))
    const hint = nearest.length > 0 ? `. Did you mean ${nearest.join(', ')}?` : ''
    return new ChatError(`Cannot post to ${asked}: ${why}${hint}`, {
      status: code === 'not_allowed' ? 403 : 404,
      retryable: false,
      code,
      nearest,
    })
  }
}

function inboxOf(name: string, label: string, { name: poster }: Person): Destination {
  return { lane: `@${name}`, label, address: {}, notices: [], accounts: { poster, person: name } }
}
