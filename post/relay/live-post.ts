// A post that shows the newest state of something, written at most every few seconds and always at
// the end. Whoever reports states waits only for the last one.
import limits from '../contract/limits.json' with { type: 'json' }
import { randomUUID } from 'node:crypto'
import { PostError } from '../contract/error.ts'
import type { Receipt } from './receipt.ts'
import type { Post, PostContent } from '../contract/schema.ts'

/** Chats keep a history of edits, and people read no faster than this. */
const EVERY_MS = limits.live.everyMs
/** Times in a row that a state is written again because the relay is away. */
const AGAIN = 20

export interface LiveTransport {
  /** If the relay is away, keeps the post for later. */
  post(post: Post): Promise<Receipt>
  change(id: string, content: PostContent): Promise<unknown>
}

export interface LiveAddress {
  targets: string[]
  thread: string
}

export class LivePost {
  readonly #transport: LiveTransport
  readonly #address: LiveAddress
  readonly #ids: readonly string[]
  readonly #everyMs: number
  #next: (() => PostContent) | undefined
  #writtenAt: number
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #again = 0

  /** @param ids - The post's ids at the relay, one for each target; empty if the relay was away. */
  constructor(
    transport: LiveTransport,
    address: LiveAddress,
    ids: readonly string[],
    everyMs = EVERY_MS,
  ) {
    this.#transport = transport
    this.#address = address
    this.#ids = ids
    this.#everyMs = everyMs
    this.#writtenAt = performance.now()
  }

  /** Posts the first state. @throws {PostError} */
  static async start(
    transport: LiveTransport,
    post: Omit<Post, 'thread'> & { thread?: string | undefined },
    everyMs?: number,
  ): Promise<{ live: LivePost; receipt: Receipt }> {
    const address = { targets: post.targets, thread: post.thread ?? randomUUID() }
    const receipt = await transport.post({ ...post, ...address })
    const ids = receipt.kind === 'accepted' ? receipt.posts.map(({ id }) => id) : []
    return { live: new LivePost(transport, address, ids, everyMs), receipt }
  }

  /**
   * Where the post is shown. `ids` has one id for each target; it is empty if the relay does not
   * have the post yet.
   */
  get shownAt(): { targets: string[]; thread: string; ids: string[] } {
    return { ...this.#address, ids: [...this.#ids] }
  }

  /**
   * Writes this state when it is time, unless a newer one comes first. If the relay is away, it is
   * tried again for a while: it may be late output, after which nothing more comes.
   */
  show(state: () => PostContent): void {
    this.#next = state
    if (this.#timer !== undefined || this.#ids.length === 0) return
    const wait = Math.max(0, this.#writtenAt + this.#everyMs - performance.now())
    this.#timer = setTimeout(() => void this.flush(), wait)
  }

  /**
   * Writes the last state. When this resolves, the relay has it, or the spool if the relay is away:
   * it is then a new post in the thread.
   *
   * @throws {PostError} if the relay refuses it.
   */
  async finish(state: () => PostContent): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#next = undefined
    await this.#writing
    const content = state()
    if (this.#ids.length > 0) {
      const failures = await this.#write(content)
      // If the person deleted the post, its last state is not wanted.
      const refused = failures.filter((error) => !isOfCode(error, GONE))
      const isAway = (error: unknown) => isOfCode(error, AWAY)
      if (!refused.every(isAway)) throw refused.find((error) => !isAway(error))
      if (refused.length === 0) return
    }
    await this.#transport.post({ ...this.#address, ...content })
  }

  /** Writes a waiting state now, if there is one. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#writeNext())
    await this.#writing
  }

  async #writeNext(): Promise<void> {
    const state = this.#next
    if (!state) return
    this.#next = undefined
    this.#writtenAt = performance.now()
    // Other refusals are told by `finish`.
    const isAway = (await this.#write(state())).some((error) => isOfCode(error, AWAY))
    this.#again = isAway ? this.#again + 1 : 0
    if (isAway && this.#again <= AGAIN) this.show(this.#next ?? state)
  }

  /** @returns The errors. If writing to one target fails, the others are still written. */
  async #write(content: PostContent): Promise<unknown[]> {
    const written = await Promise.allSettled(
      this.#ids.map((id) => this.#transport.change(id, content)),
    )
    this.#writtenAt = performance.now()
    return written.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  }
}

const GONE: ReadonlySet<string> = new Set(['too_late', 'unknown_post', 'no_longer_kept'])
const AWAY: ReadonlySet<string> = new Set(['relay_away'])

function isOfCode(error: unknown, codes: ReadonlySet<string>): boolean {
  return error instanceof PostError && codes.has(error.code)
}
