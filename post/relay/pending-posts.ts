// Posts that a relay accepted but has not delivered yet. As long as there are some, asks for their
// status now and then, until each is delivered or refused.
import limits from '../contract/limits.json' with { type: 'json' }
import { PostError } from '../contract/error.ts'
import { noticeText } from '../contract/notices.ts'
import type { Receipt } from './receipt.ts'
import type { StoredPost } from '../contract/schema.ts'

/**
 * `looksMs`: pauses between two requests. A chat usually has a post within a second, but it may be
 * away for hours. `forgetMs`: a relay gives up after a day. `posts`: each is asked for by itself,
 * so further posts are not followed.
 */
const { looksMs, forgetMs, posts: most } = limits.pending

export interface PendingOptions {
  /** @throws {PostError} */
  status(id: string): Promise<StoredPost>
  /** Shows one line to the person. */
  onRefused(line: string): void
}

export class PendingPosts {
  readonly #options: PendingOptions
  /** Id -> when it was added, in ms since the epoch. */
  readonly #posts = new Map<string, number>()
  #looks = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: PendingOptions) {
    this.#options = options
  }

  /** Follows the posts of a receipt whose status may still change. */
  add(receipt: Receipt): void {
    if (receipt.kind === 'spooled') return
    for (const { id, status } of receipt.posts)
      if (isOpen(status) && this.#posts.size < most) this.#posts.set(id, Date.now())
    this.#looks = 0
    this.#lookLater()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#posts.clear()
  }

  #lookLater(): void {
    clearTimeout(this.#timer)
    if (this.#posts.size === 0) return
    const wait = looksMs[Math.min(this.#looks, looksMs.length - 1)]
    // The timer does not keep the program alive.
    this.#timer = setTimeout(() => void this.#look(), wait).unref()
    this.#looks += 1
  }

  async #look(): Promise<void> {
    for (const [id, since] of this.#posts) {
      if (Date.now() - since > forgetMs) this.#posts.delete(id)
      else if (!(await this.#settle(id))) break
    }
    this.#lookLater()
  }

  /** @returns False if the relay does not answer, so that asking for other posts is useless now. */
  async #settle(id: string): Promise<boolean> {
    try {
      const post = await this.#options.status(id)
      if (isOpen(post.status)) return true
      const line = refusedLine(post)
      if (this.#posts.delete(id) && line !== undefined) this.#options.onRefused(line)
      return true
    } catch (error) {
      if (!(error instanceof PostError) || error.code === 'relay_away') return false
      // The post was deleted, or the token is no longer valid: its status cannot be learnt any
      // more.
      this.#posts.delete(id)
      return true
    }
  }
}

/** Whether the chat may still refuse the post. */
export function isOpen(status: StoredPost['status']): boolean {
  return status === 'queued' || status === 'retrying'
}

/** What the person is told of a post that the chat refused; undefined for any other. */
export function refusedLine({ status, error, destination }: StoredPost): string | undefined {
  if (status !== 'dead') return undefined
  return noticeText('refusedLater', { destination, error: error ?? noticeText('noReason') })
}
