// `post()`: turns what a person writes into a Post, and returns a handle that tells what became of
// it. The transport sends it: over HTTP outside a notebook, through the kernel process inside.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { DISPLAY } from './attachment.ts'
import type { Attachment } from './attachment.ts'
import { contentOf, partsOf } from './content.ts'
import type { ContentArguments, GivenContent, Message } from './content.ts'
import { PostError } from '../contract/error.ts'
import { Math, Promise } from '../contract/primordials.ts'
import { receiptText } from '../relay/receipt.ts'
import type { Receipt } from '../relay/receipt.ts'
import type { PostStatus, StoredPost } from '../contract/schema.ts'
import { targetsOf } from '../contract/target.ts'

export interface PostOptions {
  /** Markdown; may mention people. A figure is posted as a picture, another value as text. */
  message?: Message
  /** `@me`, `@name` or the name of a channel; several as a list, or separated by commas. */
  channel: string | readonly string[]
  attachment?: Attachment | readonly (Attachment | null | undefined)[] | null
  /** Posts with the same key form one thread. */
  thread?: string
  /** Another relay than the one of the environment, with its own token. */
  url?: string
  token?: string
}

export interface PostTransport {
  post(post: GivenContent & { targets: string[]; thread: string }): Promise<Receipt>
  status(id: string): Promise<StoredPost>
  change(id: string, content: GivenContent): Promise<StoredPost>
  remove(id: string): Promise<void>
}

export type PostArguments =
  | readonly [
      message: Message,
      channel: string | readonly string[],
      ...attachments: (Attachment | null | undefined)[],
    ]
  | readonly [options: PostOptions]

/** Returns the transport for one post, to the relay with this `url` and `token`. */
export type TransportOf = (address: Pick<PostOptions, 'url' | 'token'>) => PostTransport

/**
 * @throws {PostError} if the arguments are no post or the relay refuses it. A relay that is away is
 *   no error: the post is kept and sent later.
 */
export async function sendPost(args: PostArguments, transportOf: TransportOf): Promise<PostHandle> {
  const options = optionsOf(args)
  const transport = transportOf(options)
  // Each post has a thread key, so that a reply finds its post even before the chat has it.
  const thread = options.thread ?? randomUUID()
  const targets = targetsOf(options.channel)
  const content = await contentOf(options.message, options.attachment)
  const receipt = await transport.post({ targets, thread, ...content })
  return new PostHandle(transport, targets, thread, receipt)
}

function optionsOf([first, channel, ...attachments]: PostArguments): PostOptions {
  // Without a channel an object is the options; with one it is what is posted.
  if (channel === undefined && typeof first === 'object' && first !== null && 'channel' in first)
    return first
  return { message: first, channel: channel ?? '', attachment: attachments }
}

/**
 * Pauses between two requests for the status. The first are short: a chat usually has a post within
 * a second.
 */
const POLL_MS = [100, 250, 500, 1000, 2000, 5000]

/**
 * A post that the relay stored or that is kept for later. As the value of a cell it shows its
 * receipt.
 */
export class PostHandle {
  readonly targets: readonly string[]
  readonly #transport: PostTransport
  readonly #thread: string
  #receipt: Receipt

  constructor(
    transport: PostTransport,
    targets: readonly string[],
    thread: string,
    receipt: Receipt,
  ) {
    this.#transport = transport
    this.targets = targets
    this.#thread = thread
    this.#receipt = receipt
  }

  /** The status at the last request, for the first target. `delivered()` asks again. */
  get status(): PostStatus | 'spooled' {
    return this.#receipt.kind === 'spooled'
      ? 'spooled'
      : (this.#receipt.posts[0]?.status ?? 'queued')
  }

  /** Permalink, once the chat has the post. */
  get url(): string | undefined {
    return this.#receipt.kind === 'spooled' ? undefined : this.#receipt.posts[0]?.url
  }

  /**
   * Waits until the chat has the post.
   * @throws {PostError} `dead` if the chat refuses it, `spooled` if the relay is away.
   */
  async delivered(): Promise<{ status: PostStatus; url: string | undefined }> {
    for (let poll = 0; ; poll += 1) {
      const posts = await this.#refresh()
      const dead = posts.find((post) => post.status === 'dead')
      if (dead !== undefined) {
        throw new PostError(
          'dead',
          `The post to ${dead.destination} was not delivered: ${dead.error ?? 'no reason given'}`,
        )
      }
      const first = posts[0]
      const isFinal = posts.every(
        (post) => post.status === 'delivered' || post.status === 'unknown',
      )
      if (isFinal && first !== undefined) return { status: first.status, url: first.url }
      await delay(POLL_MS[Math.min(poll, POLL_MS.length - 1)])
    }
  }

  /**
   * Replaces the content of the post by this message and these attachments. If several updates
   * wait, the relay writes only the newest. A chat that cannot edit the post any more gets the
   * content as a new message in the thread, which is the post from then on.
   *
   * @throws {PostError} `too_late` if it was not delivered or is deleted, `spooled` while the relay
   *   is away.
   */
  async update(...args: ContentArguments): Promise<void> {
    const posts = this.#stored()
    const content = await contentOf(...partsOf(args))
    const changed = await Promise.all(posts.map((post) => this.#transport.change(post.id, content)))
    this.#receipt = { kind: 'accepted', posts: changed, notices: [] }
  }

  /** Posts to the same targets, in the thread of this post. @throws {PostError} */
  async reply(...args: ContentArguments): Promise<PostHandle> {
    const content = await contentOf(...partsOf(args))
    const targets = [...this.targets]
    const receipt = await this.#transport.post({ targets, thread: this.#thread, ...content })
    return new PostHandle(this.#transport, targets, this.#thread, receipt)
  }

  /** Deletes the post, with the files that updates added to its thread. @throws {PostError} */
  async delete(): Promise<void> {
    await Promise.all(this.#stored().map((post) => this.#transport.remove(post.id)))
  }

  [DISPLAY](): Record<string, string> {
    const { text, markdown } = receiptText(this.#receipt)
    return { 'text/plain': text, 'text/markdown': markdown }
  }

  #stored(): StoredPost[] {
    if (this.#receipt.kind === 'accepted') return this.#receipt.posts
    throw new PostError(
      'spooled',
      `The relay is away (${this.#receipt.reason}): the post is kept and sent later, so it is not known yet whether it is delivered`,
    )
  }

  async #refresh(): Promise<StoredPost[]> {
    const posts = await Promise.all(this.#stored().map((post) => this.#transport.status(post.id)))
    this.#receipt = { kind: 'accepted', posts, notices: [] }
    return posts
  }
}
