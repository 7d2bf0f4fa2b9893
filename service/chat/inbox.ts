// The relay's own inbox as a chat service: needs no network and is the model for all other
// adapters. Who may post where is decided by `inbox-targets.ts`.
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
import { handleOf } from './display-name.ts'
import type { InboxReplies, SaidReply } from './inbox-replies.ts'
import type { InboxMessage, InboxStore } from './inbox-store.ts'
import { InboxTargets } from './inbox-targets.ts'

export interface InboxOptions {
  store: InboxStore
  replies: InboxReplies
  mode: 'local' | 'hub'
  /** Called when a message of this person was stored. */
  added?: (person: string) => void
  /** Address of a message on the page; undefined if there is no page. */
  link: (id: string) => string | undefined
  /** The name in the relay of who has a name at the Hub; the same name if left out. */
  holderOf?: ((hubName: string) => string) | undefined
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
  readonly #targets: InboxTargets

  constructor(options: InboxOptions) {
    this.#options = options
    this.#targets = new InboxTargets(options)
    this.replies = options.replies
  }

  capabilities(): Capabilities {
    return CAPABILITIES
  }

  async ready(): Promise<Readiness> {
    return { ready: true, detail: 'The inbox is part of the relay' }
  }

  async resolve(target: Target, person: Person): Promise<Destination> {
    return this.#targets.resolve(target, person)
  }

  async targets(query: string, person: Person): Promise<string[]> {
    return this.#targets.like(query, person)
  }

  async deliver(delivery: Delivery, _checkpoint: Checkpoint): Promise<Delivered> {
    this.#targets.checkAgain(delivery.destination, delivery.person)
    await this.#options.store.add(delivery)
    this.#options.added?.(delivery.person.name)
    return this.#delivered(delivery)
  }

  /** If a restored database lacks the message, it is added again. */
  async edit(edit: Edit): Promise<Delivered> {
    this.#targets.checkAgain(edit.destination, edit.person)
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

  /** Lanes that posts of or to this person to a target may be in. */
  lanesOf(target: Target, person: Person): string[] {
    switch (target.kind) {
      case 'me':
        return [`@${person.name}`]
      case 'person':
        return [`@${target.name}`]
      case 'channel':
        return target.orPerson === true
          ? [`~${target.name}`, `@${target.name}`]
          : [`~${target.name}`]
      case 'display name':
        return [`~${handleOf(target.name)}`]
    }
  }

  /** Lanes that this person reads. */
  lanes(person: Person): string[] | 'all' {
    if (this.#options.mode === 'local') return 'all'
    return [`@${person.name}`, ...person.groups.map((group) => `~${group}`)]
  }
}
