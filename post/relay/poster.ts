// The whole way of a post out of a program: masking, limits, finding the relay, posts that wait to
// be sent first, and the spool if the relay is away. Used by the kernel, the CLI and other
// programs.
import document from '../contract/limits.json' with { type: 'json' }
import layout from '../contract/spool.json' with { type: 'json' }
import { randomUUID } from 'node:crypto'
import { getLimits, patchPost, submitPost } from './client.ts'
import type { Endpoint } from './endpoint.ts'
import { PostError, messageOf } from '../contract/error.ts'
import { stateFolder } from './folders.ts'
import { RelayAway } from './http.ts'
import type { Relay } from './http.ts'
import { Hurry } from './hurry.ts'
import { checkLimits } from '../contract/limits.ts'
import { Masker } from '../secrets/mask.ts'
import { sentLines } from './receipt.ts'
import type { Receipt } from './receipt.ts'
import { RelayCalls } from './relay-calls.ts'
import type { CallOptions } from './relay-calls.ts'
import { DEFAULT_LIMITS } from '../contract/schema.ts'
import { sentence } from '../contract/sentence.ts'
import type { Limits, Post, PostContent, StoredPost } from '../contract/schema.ts'
import { environmentVariables } from '../secrets/values.ts'
import type { SecretValue } from '../secrets/values.ts'
import { Spool } from './spool.ts'
import type { FlushOptions, SpoolOwner } from './spool.ts'
import type { Flushed } from './spool-sending.ts'

/** How long a relay's limits are remembered. */
const { limitsMs: LIMITS_MS } = document.request
/** How often a running program tries whether the relay is back. */
const RESEND_MS = 30_000

export interface PosterOptions extends CallOptions {
  env?: NodeJS.ProcessEnv
  /** Gets one line for each result when the timer sends waiting posts. */
  onResent?: (line: string) => void
  resendMs?: number
  /** Gets the posts that had waited and were sent now. */
  onSent?: (posts: readonly StoredPost[]) => void
  /**
   * Variables besides those of the environment whose values may be secrets: those of a notebook.
   */
  variables?: () => Promise<readonly SecretValue[]>
}

/** How to send one post to its relay. */
interface Way {
  endpoint: Endpoint
  idempotencyKey: string
  warnings: readonly string[]
  signal: AbortSignal | undefined
}

export class RelayPoster extends RelayCalls {
  readonly spool: Spool
  readonly #options: PosterOptions
  #known: { relay: string; limits: Limits; until: number } | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #warned = new Set<string>()
  readonly #hurried = new Hurry()
  /** Posts of one program are sent one after the other, so that they arrive in order. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(options: PosterOptions) {
    super(options, options.env ?? process.env)
    this.#options = options
    this.spool = new Spool(stateFolder(this.env))
  }

  /**
   * @throws {PostError} if the relay refuses the post, or if it is a question and the relay is
   *   away; then nothing is kept.
   */
  async post(post: Post, signal?: AbortSignal): Promise<Receipt> {
    const turn = this.#tail.then(() => this.#postNow(post, signal))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  /** The post as it leaves this program, and what its receipt tells about masked secrets. */
  async masked<P extends Post>(post: P): Promise<{ post: P; notices: string[] }> {
    if (post.mask === 'off') return { post, notices: [] }
    const masker = await this.#masker()
    return { post: masker.post(post), notices: masker.notices }
  }

  /**
   * Call when the program is about to end: from now on, a post that the relay does not take within
   * half a second is kept for later.
   */
  hurry(): void {
    this.#hurried.begin()
  }

  /**
   * The most that the relay takes in one post; the default limits while it does not answer.
   * @throws {PostError}
   */
  async limits(signal?: AbortSignal): Promise<Limits> {
    const endpoint = this.endpoint()
    const { relay: address } = ownerOf(endpoint)
    // Remembered by the relay's address: a cell may change the address, but limits are the same for
    // all people.
    const known = this.#known?.relay === address ? this.#known : undefined
    if (this.#hurried.isOn) return known?.limits ?? DEFAULT_LIMITS
    if (known !== undefined && known.until > Date.now()) return known.limits
    try {
      const limits = await this.ask(endpoint, signal, (relay) => getLimits(relay, signal))
      this.#known = { relay: address, limits, until: Date.now() + LIMITS_MS }
      return limits
    } catch (error) {
      if (error instanceof RelayAway) return DEFAULT_LIMITS
      throw error
    }
  }

  /**
   * Gives a stored post new content, after earlier posts and changes are sent.
   * @throws {PostError} `too_late` if it cannot be changed any more
   */
  async change(id: string, content: PostContent, signal?: AbortSignal): Promise<StoredPost> {
    const turn = this.#tail.then(async () => {
      const sent = content.mask === 'off' ? content : (await this.#masker()).post(content)
      checkLimits(sent, await this.limits(signal))
      const changing = this.call(signal, (relay) => patchPost(relay, id, sent, { signal }))
      return this.#hurried.inTime(changing, () => {
        throw new PostError('relay_away', 'The relay did not answer before the program ended')
      })
    })
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  /**
   * Sends the posts that wait for this relay and person.
   * @throws {PostError} if the token or the address is wrong.
   */
  async flush(signal?: AbortSignal): Promise<Flushed> {
    const endpoint = this.endpoint()
    const owner = ownerOf(endpoint)
    if ((await this.spool.entries(owner)).length === 0)
      return { sent: [], notices: [], away: undefined }
    try {
      return await this.ask(endpoint, signal, (relay) =>
        this.#flushAt(relay, endpoint, { wait: layout.flushWaitMs, signal }),
      )
    } catch (error) {
      if (error instanceof RelayAway) return { sent: [], notices: [], away: error.message }
      throw error
    }
  }

  /** Stops the timer; waiting posts stay in the spool. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  owner(): SpoolOwner {
    return ownerOf(this.endpoint())
  }

  async #masker(): Promise<Masker> {
    const variables = (await this.#options.variables?.()) ?? []
    const { token } = this.#options
    return new Masker([
      ...environmentVariables(this.env),
      ...variables,
      ...(token === undefined ? [] : [{ name: 'token', value: token }]),
    ])
  }

  async #postNow(unmasked: Post, signal: AbortSignal | undefined): Promise<Receipt> {
    signal?.throwIfAborted()
    const endpoint = this.endpoint()
    // Masked first, so that no secret gets to the relay or into the spool.
    const { post, notices } = await this.masked(unmasked)
    const warnings = [...this.#firstTime(endpoint.warnings), ...notices]
    const idempotencyKey = randomUUID()
    const way: Way = { endpoint, idempotencyKey, warnings, signal }
    // Both may send it: the relay takes a post with the same key only once.
    return this.#hurried.inTime(this.#sendOrKeep(post, way), () =>
      this.#keep(post, way, 'the program ended first'),
    )
  }

  async #sendOrKeep(post: Post, way: Way): Promise<Receipt> {
    try {
      return await this.ask(way.endpoint, way.signal, (relay) => this.#send(post, relay, way))
    } catch (error) {
      if (!(error instanceof RelayAway)) throw error
      checkLimits(post, DEFAULT_LIMITS)
      return this.#keep(post, way, error.message)
    }
  }

  async #send(post: Post, relay: Relay, way: Way): Promise<Receipt> {
    const { endpoint, idempotencyKey, warnings, signal } = way
    checkLimits(post, await this.limits(signal))
    const behind = await this.#waitBehind(relay, endpoint, post, signal)
    if (behind.away !== undefined) {
      return this.#keep(post, { ...way, warnings: [...warnings, ...behind.notices] }, behind.away)
    }
    const accepted = await submitPost(relay, post, { idempotencyKey, signal })
    // The relay takes posts, so those at which it just failed would hold up every later one.
    const blamed = behind.isFailing
      ? (await this.#flushAt(relay, endpoint, { signal, isWell: true })).notices
      : []
    const notices = [...warnings, ...behind.notices, ...blamed]
    return { kind: 'accepted', posts: accepted.posts, notices }
  }

  /**
   * Sends earlier posts first. `away` if they were not all sent and one of the rest goes to a
   * target of this post.
   */
  async #waitBehind(
    relay: Relay,
    endpoint: Endpoint,
    post: Post,
    signal: AbortSignal | undefined,
  ): Promise<{ away: string | undefined; isFailing: boolean; notices: string[] }> {
    const owner = ownerOf(endpoint)
    const flushed = await this.#flushAt(relay, endpoint, { wait: layout.postWaitMs, signal })
    const { away, isFailing = false } = flushed
    const told = [...flushed.notices, ...sentLines(flushed.sent.length)]
    if (away === undefined) return { away, isFailing, notices: told }
    const waiting = await this.spool.entries(owner)
    const isBehind = waiting.some(({ head }) =>
      head.manifest.targets.some((target) => post.targets.includes(target)),
    )
    return { away: isBehind ? away : undefined, isFailing, notices: told }
  }

  async #flushAt(relay: Relay, endpoint: Endpoint, options: FlushOptions): Promise<Flushed> {
    const flushed = await this.spool.flush(relay, ownerOf(endpoint), options)
    this.#options.onSent?.(flushed.sent.flatMap(({ posts }) => posts))
    return flushed
  }

  async #keep(
    post: Post,
    { endpoint, idempotencyKey, warnings }: Way,
    reason: string,
  ): Promise<Receipt> {
    if (post.ask !== undefined) throw new PostError('relay_away', sentence('notAsked', { reason }))
    const owner = ownerOf(endpoint)
    const dropped = await this.spool
      .add(post, owner, reason, idempotencyKey)
      .catch((cause: unknown) => {
        const words = sentence('notKept', { reason, why: messageOf(cause) })
        throw new PostError('relay_away', words, { cause })
      })
    this.#resendLater()
    return { kind: 'spooled', targets: post.targets, reason, notices: [...warnings, ...dropped] }
  }

  #resendLater(): void {
    if (this.#options.onResent === undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#resend().catch((error: unknown) => {
        this.#options.onResent?.(`Waiting posts were not sent: ${messageOf(error)}`)
      })
    }, this.#options.resendMs ?? RESEND_MS)
    // The timer does not keep the program alive; the next program sends what waits.
    this.#timer.unref()
  }

  async #resend(): Promise<void> {
    const { sent, notices, away } = await this.flush()
    for (const line of [...notices, ...sentLines(sent.length)]) this.#options.onResent?.(line)
    if (away !== undefined) this.#resendLater()
  }

  #firstTime(warnings: readonly string[]): string[] {
    const news = warnings.filter((warning) => !this.#warned.has(warning))
    for (const warning of news) this.#warned.add(warning)
    return news
  }
}

function ownerOf(endpoint: Endpoint): SpoolOwner {
  return { relay: endpoint.kind === 'local' ? 'local' : endpoint.url.href, user: endpoint.user }
}
