// Posts that a relay took and has not delivered: asked for now and then, only while there are some, until each is delivered or refused.
import { PostError } from '../contract/error.ts'
import type { Receipt } from './receipt.ts'
import type { StoredPost } from '../contract/schema.ts'

/** Between two looks: a chat usually has a post within a second, one that is away may be for hours. */
const LOOKS_MS = [500, 1000, 2000, 5000, 15_000, 30_000, 60_000]
/** A relay gives up after a day. */
const FORGET_MS = 25 * 60 * 60_000
/** Looked at one by one: more than these are not followed. */
const MOST = 200

export interface PendingOptions {
  /** @throws {PostError} */
  status(id: string): Promise<StoredPost>
  /** One line for the person. */
  onRefused(line: string): void
}

export class PendingPosts {
  readonly #options: PendingOptions
  /** Id -> since when, in ms. */
  readonly #posts = new Map<string, number>()
  #looks = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: PendingOptions) {
    this.#options = options
  }

  /** Follows what of a receipt is not final yet. */
  add(receipt: Receipt): void {
    if (receipt.kind === 'spooled') return
    for (const { id, status } of receipt.posts)
      if (isOpen(status) && this.#posts.size < MOST) this.#posts.set(id, Date.now())
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
    const wait = LOOKS_MS[Math.min(this.#looks, LOOKS_MS.length - 1)]
    // Nobody's program lives longer for it.
    this.#timer = setTimeout(() => void this.#look(), wait).unref()
    this.#looks += 1
  }

  async #look(): Promise<void> {
    for (const [id, since] of this.#posts) {
      if (Date.now() - since > FORGET_MS) this.#posts.delete(id)
      else if (!(await this.#settle(id))) break
    }
    this.#lookLater()
  }

  /** False if the relay does not answer: asking for the others is of no use now. */
  async #settle(id: string): Promise<boolean> {
    try {
      const post = await this.#options.status(id)
      if (isOpen(post.status)) return true
      if (this.#posts.delete(id) && post.status === 'dead') {
        const why = post.error ?? 'no reason given'
        this.#options.onRefused(`The post to ${post.destination} was refused later: ${why}`)
      }
      return true
    } catch (error) {
      if (!(error instanceof PostError) || error.code === 'relay_away') return false
      // It was deleted, or the token is no longer good for asking: nothing more will be heard of it.
      this.#posts.delete(id)
      return true
    }
  }
}

function isOpen(status: StoredPost['status']): boolean {
  return status === 'queued' || status === 'retrying'
}
