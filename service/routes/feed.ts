// The posts that a person sees: their own in every state, and those in the inbox that they may
// read, even if the outbox has forgotten them.
import type { ReadPost } from '../../post/contract/schema.ts'
import type { ListQuery } from '../api/parameters.ts'
import type { Person } from '../chat/chat.ts'
import type { InboxMessage, InboxStore } from '../chat/inbox-store.ts'
import type { Inbox } from '../chat/inbox.ts'
import type { ShownStore } from '../convert/shown-store.ts'
import { RelayError } from '../errors.ts'
import type { Changes, Outbox, Reader } from '../outbox/outbox.ts'
import type { RelayFile } from '../storage/bytes.ts'
import { listPosts } from './post-list.ts'
import type { Page } from './post-list.ts'

/** Things about a post that are stored elsewhere: its question, whether a cell listens, replies. */
export type About = (id: string) => Partial<Pick<ReadPost, 'question' | 'watched' | 'replies'>>

export interface FeedDeps {
  outbox: Outbox
  inbox: { service: Inbox; store: InboxStore }
  shown: ShownStore
  about: readonly About[]
}

export class PostFeed {
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #store: InboxStore
  readonly #shown: ShownStore
  readonly #about: readonly About[]

  constructor({ outbox, inbox, shown, about }: FeedDeps) {
    this.#outbox = outbox
    this.#inbox = inbox.service
    this.#store = inbox.store
    this.#shown = shown
    this.#about = about
  }

  /**
   * One page of the list. The cursor is read before the posts, so that a change in between is
   * reported twice rather than never.
   * @throws {RelayError} `bad_request`, `bad_target`
   */
  list(person: Person, query: ListQuery): Page & { cursor: string } {
    const cursor = this.#outbox.cursor()
    const inbox = { service: this.#inbox, store: this.#store }
    return { ...listPosts({ outbox: this.#outbox, inbox }, person, query), cursor }
  }

  changes(person: Person, after: string, limit: number): Changes {
    return this.#outbox.changes(after, this.#reader(person), limit)
  }

  /** Whether the post is gone everywhere, whoever asks. */
  isGone(id: string): boolean {
    return !this.#outbox.find(id) && !this.#store.has(id)
  }

  read(person: Person, id: string): ReadPost | undefined {
    const post = this.#outbox.read(id, this.#reader(person))
    if (post && post.pruned !== true) return this.#asShown(post)
    const message = this.inInbox(person, id)
    if (message) return this.#withAbout(fromInbox(message))
    return post && this.#withAbout(post)
  }

  /** Why this person cannot read the post, or a file of it. */
  missing(person: Person, id: string): RelayError {
    const post = this.read(person, id)
    if (post?.pruned === true) {
      const where = post.url === undefined ? post.destination : post.url
      return new RelayError(
        'no_longer_kept',
        `The relay has deleted the text and the files of this post, which was delivered: see ${where}`,
      )
    }
    const pruned = this.#outbox.keeping.find(id, this.#reader(person))
    if (!pruned) {
      return new RelayError('unknown_post', 'There is no such post among those you may read')
    }
    const day = new Date(pruned.at).toISOString().slice(0, 10)
    const why = pruned.why === 'old' ? 'because it was old' : 'to make room for newer posts'
    return new RelayError('no_longer_kept', `The relay deleted this post on ${day}, ${why}`)
  }

  file(person: Person, id: string, n: number): RelayFile | undefined {
    const post = this.#outbox.read(id, this.#reader(person))
    if (!post || post.pruned === true) return this.inInbox(person, id) && this.#store.file(id, n)
    return this.#isShown(post)
      ? this.#shown.file(id, n)
      : this.#outbox.file(id, n, this.#reader(person))
  }

  /** A delivered post as the chat shows it, with pictures in place of drawings. */
  #asShown(post: ReadPost): ReadPost {
    return this.#withAbout(this.#isShown(post) ? { ...post, ...this.#shown.read(post.id) } : post)
  }

  #withAbout(post: ReadPost): ReadPost {
    return this.#about.reduce((known, about) => ({ ...known, ...about(post.id) }), post)
  }

  #isShown({ id, status }: ReadPost): boolean {
    return status === 'delivered' && this.#shown.has(id)
  }

  /** A message of the inbox that this person may read. */
  inInbox(person: Person, id: string): InboxMessage | undefined {
    const message = this.#store.find(id)
    const lanes = this.#inbox.lanes(person)
    const isReader = lanes === 'all' || (message && lanes.includes(message.lane))
    return message && (isReader || message.from === person.name) ? message : undefined
  }

  #reader(person: Person): Reader {
    const lanes = this.#inbox.lanes(person)
    return {
      name: person.name,
      lanes: lanes === 'all' ? lanes : lanes.map((lane) => `${this.#inbox.name}:${lane}`),
    }
  }
}

function fromInbox(message: InboxMessage): ReadPost {
  const { id, from, label, blocks, source, thread, files, acceptedAt } = message
  return {
    id,
    target: label,
    destination: label,
    status: 'delivered',
    notices: [],
    from,
    service: 'inbox',
    blocks,
    source,
    thread,
    files,
    acceptedAt,
  }
}
