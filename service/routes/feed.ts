// What a person sees of posts: their own in every state, and what is in the inbox for them, older than the outbox remembers too.
import type { Feed, PostFile, ReadPost } from '../../post/schema.ts'
import type { Person } from '../chat/chat.ts'
import type { InboxMessage, InboxStore } from '../chat/inbox-store.ts'
import type { Inbox } from '../chat/inbox.ts'
import type { ShownStore } from '../convert/shown-store.ts'
import type { Change, Changes, Outbox, Reader } from '../outbox/outbox.ts'

/** What is kept of a post beside its content: a question, a watch, what was said to it. */
export type About = (id: string) => Partial<Pick<ReadPost, 'question' | 'watched' | 'replies'>>

export class PostFeed {
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #store: InboxStore
  readonly #shown: ShownStore
  readonly #about: readonly About[]

  constructor(
    outbox: Outbox,
    inbox: Inbox,
    store: InboxStore,
    shown: ShownStore,
    about: readonly About[],
  ) {
    this.#outbox = outbox
    this.#inbox = inbox
    this.#store = store
    this.#shown = shown
    this.#about = about
  }

  /** The newest, oldest first. The cursor is read first: a change in between is told twice rather than never. */
  newest(person: Person, limit: number): Feed {
    const cursor = this.#outbox.cursor()
    const posts = new Map<string, ReadPost>()
    for (const message of this.#store.list(this.#inbox.lanes(person), limit)) {
      posts.set(message.id, this.#fromInbox(message))
    }
    for (const post of this.#outbox.list(this.#reader(person), limit)) {
      posts.set(post.id, this.#asShown(post))
    }
    const sorted = [...posts.values()].toSorted((a, b) => compare(a.acceptedAt, b.acceptedAt))
    return { posts: sorted.slice(-limit), cursor }
  }

  changed(person: Person, after: string, limit: number): Feed {
    const { changes, cursor } = this.changes(person, after, limit)
    const posts = changes.flatMap((change) => (change.kind === 'post' ? [change.post] : []))
    return { posts, cursor }
  }

  changes(person: Person, after: string, limit: number): Changes {
    const { changes, cursor } = this.#outbox.changes(after, this.#reader(person), limit)
    return { changes: changes.map((change) => this.#remembered(change, person)), cursor }
  }

  /** What the outbox has forgotten may still be in the inbox. */
  #remembered(change: Change, person: Person): Change {
    if (change.kind === 'post') return { ...change, post: this.#asShown(change.post) }
    const message = this.inInbox(person, change.id)
    return message
      ? { cursor: change.cursor, kind: 'post', post: this.#fromInbox(message) }
      : change
  }

  read(person: Person, id: string): ReadPost | undefined {
    const post = this.#outbox.read(id, this.#reader(person))
    if (post) return this.#asShown(post)
    const message = this.inInbox(person, id)
    return message && this.#fromInbox(message)
  }

  file(person: Person, id: string, n: number): PostFile | undefined {
    const post = this.#outbox.read(id, this.#reader(person))
    if (!post) return this.inInbox(person, id) && this.#store.file(id, n)
    return this.#isShown(post)
      ? this.#shown.file(id, n)
      : this.#outbox.file(id, n, this.#reader(person))
  }

  /** A delivered post as the chat shows it: its drawings are pictures. */
  #asShown(post: ReadPost): ReadPost {
    return this.#withAbout(this.#isShown(post) ? { ...post, ...this.#shown.read(post.id) } : post)
  }

  #fromInbox(message: InboxMessage): ReadPost {
    return this.#withAbout(fromInbox(message))
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

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
