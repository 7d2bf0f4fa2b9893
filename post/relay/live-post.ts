// A post that shows the newest state of something: written at most every few seconds, and always at its end. Who reports states waits for
// none of them but the last.
import limits from '../contract/limits.json' with { type: 'json' }
import { randomUUID } from 'node:crypto'
import { PostError } from '../contract/error.ts'
import type { Receipt } from './receipt.ts'
import type { Post, PostContent } from '../contract/schema.ts'

/** Chats keep a history of edits, and people read no faster. */
export const EVERY_MS = limits.live.everyMs

export interface LiveTransport {
  /** Keeps the post if the relay is away. */
  submit(post: Post): Promise<Receipt>
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

  /** @param ids - Of the post at its relay, one a target; none if the relay was away. */
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
    const receipt = await transport.submit({ ...post, ...address })
    const ids = receipt.kind === 'accepted' ? receipt.posts.map(({ id }) => id) : []
    return { live: new LivePost(transport, address, ids, everyMs), receipt }
  }

  /** Where it is shown: one id a target, none if the relay has no post yet. */
  get shownAt(): { targets: string[]; thread: string; ids: string[] } {
    return { ...this.#address, ids: [...this.#ids] }
  }

  /** Will be written unless a newer one comes first. A state that is lost is made up for by the next. */
  show(state: () => PostContent): void {
    this.#next = state
    if (this.#timer !== undefined || this.#ids.length === 0) return
    const wait = Math.max(0, this.#writtenAt + this.#everyMs - performance.now())
    this.#timer = setTimeout(() => void this.flush(), wait)
  }

  /**
   * Writes the last state; when it resolves the relay has it, or the spool if the relay is away: then it is a post in the thread.
   *
   * @throws {PostError} if it is refused
   */
  async finish(state: () => PostContent): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#next = undefined
    await this.#writing
    const content = state()
    if (this.#ids.length > 0) {
      const failures = await this.#write(content)
      // Who took the post back wants no last state of it.
      const refused = failures.filter((error) => !isOfCode(error, GONE))
      const isAway = (error: unknown) => isOfCode(error, AWAY)
      if (!refused.every(isAway)) throw refused.find((error) => !isAway(error))
      if (refused.length === 0) return
    }
    await this.#transport.submit({ ...this.#address, ...content })
  }

  /** Writes now what waits for its time, if anything does. */
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
    try {
      // A failure is a PostError: the relay is away, or the post is gone. The last state says what became of it.
      await this.#write(state())
    } catch {
      // What cannot be shown now is shown, or said, by the last state.
    }
  }

  /** @returns Why it was not written everywhere: what one target refuses says nothing about the others. */
  async #write(content: PostContent): Promise<unknown[]> {
    const written = await Promise.allSettled(
      this.#ids.map((id) => this.#transport.change(id, content)),
    )
    this.#writtenAt = performance.now()
    return written.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  }
}

const GONE: ReadonlySet<string> = new Set(['too_late', 'unknown_post'])
const AWAY: ReadonlySet<string> = new Set(['relay_away'])

function isOfCode(error: unknown, codes: ReadonlySet<string>): boolean {
  return error instanceof PostError && codes.has(error.code)
}
