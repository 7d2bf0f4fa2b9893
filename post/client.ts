// The HTTP client of a relay: one post in up to three tries and ten seconds. It neither finds relays nor keeps posts;
// a relay that is away is an error here, what then becomes of the post is `poster.ts`.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import FormData from 'form-data'
import { z } from 'zod'
import { PostError } from './error.ts'
import { RelayAway, requestRelay } from './http.ts'
import type { Relay, RelayRequest } from './http.ts'
import { Accepted, Feed, Limits, StoredPost } from './schema.ts'
import type { Post, PostContent } from './schema.ts'

const TRIES = 3
const TOTAL_MS = 10_000
/** How long an interrupted post waits for the answer to a body that was sent. */
const GRACE_MS = 1000

export interface SubmitOptions {
  /** The same for each try of one post: the relay takes it once. */
  idempotencyKey?: string
  signal?: AbortSignal | undefined
}

/**
 * Stores a post at the relay.
 *
 * @throws {PostError} if it is refused, {RelayAway} if the relay did not take it within the tries.
 */
export async function submitPost(
  relay: Relay,
  post: Post,
  options: SubmitOptions = {},
): Promise<Accepted> {
  const request = { method: 'POST', path: 'api/v1/posts' } as const
  return expected(Accepted, await upload(relay, request, post, options), relay)
}

export async function getLimits(relay: Relay, signal?: AbortSignal): Promise<Limits> {
  return expected(Limits, await get(relay, 'api/v1/limits', signal), relay)
}

const Targets = z.object({ targets: z.array(z.string()) })

/** Targets that the person may post to, best first. */
export async function getTargets(
  relay: Relay,
  query: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const path = `api/v1/targets?${new URLSearchParams({ q: query }).toString()}`
  return expected(Targets, await get(relay, path, signal), relay).targets
}

export async function getPost(relay: Relay, id: string, signal?: AbortSignal): Promise<StoredPost> {
  return expected(
    StoredPost,
    await get(relay, `api/v1/posts/${encodeURIComponent(id)}`, signal),
    relay,
  )
}

/** Gives a stored post new content. @throws {PostError} `too_late` if nothing can change it, {RelayAway} */
export async function patchPost(
  relay: Relay,
  id: string,
  content: PostContent,
  options: SubmitOptions = {},
): Promise<StoredPost> {
  const request = { method: 'PATCH', path: `api/v1/posts/${encodeURIComponent(id)}` } as const
  return expected(StoredPost, await upload(relay, request, content, options), relay)
}

export async function deletePost(relay: Relay, id: string, signal?: AbortSignal): Promise<void> {
  await callRelay(
    relay,
    { method: 'DELETE', path: `api/v1/posts/${encodeURIComponent(id)}` },
    signal,
  )
}

/** The newest posts that the person may read, oldest first. */
export async function getFeed(relay: Relay, limit: number, signal?: AbortSignal): Promise<Feed> {
  return expected(Feed, await get(relay, `api/v1/posts?limit=${limit}`, signal), relay)
}

const Link = z.object({ path: z.string().startsWith('?') })

/** Address of a local relay's page that opens it once, in a browser that has no token. */
export async function makeLink(relay: Relay, signal?: AbortSignal): Promise<URL> {
  const answer = await callRelay(relay, { method: 'POST', path: 'api/v1/links' }, signal)
  return new URL(expected(Link, answer, relay).path, relay.url)
}

/** Any other request, with the tries of `submitPost`. */
async function callRelay(
  relay: Relay,
  request: Omit<RelayRequest, 'signal'>,
  signal?: AbortSignal,
): Promise<unknown> {
  return withTries(signal, (clock) => requestRelay(relay, { ...request, signal: clock.signal }))
}

async function get(relay: Relay, path: string, signal?: AbortSignal): Promise<unknown> {
  return callRelay(relay, { method: 'GET', path }, signal)
}

/** A manifest with files, in up to three tries that the relay takes for one. */
async function upload(
  relay: Relay,
  request: Pick<RelayRequest, 'method' | 'path'>,
  content: PostContent,
  options: SubmitOptions,
): Promise<unknown> {
  const idempotencyKey = options.idempotencyKey ?? randomUUID()
  return withTries(options.signal, (clock) => {
    const { form, headers } = encode(content)
    clock.watch(form)
    return requestRelay(relay, {
      ...request,
      headers: { ...headers, 'idempotency-key': idempotencyKey },
      body: form,
      signal: clock.signal,
    })
  })
}

function encode(post: PostContent): { form: FormData; headers: Record<string, string> } {
  const { files, ...manifest } = post
  const form = new FormData()
  form.append('post', JSON.stringify(manifest), {
    contentType: 'application/json',
  })
  for (const file of files) {
    const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength)
    form.append('files', bytes, { filename: file.name, contentType: file.mimetype })
  }
  const length = form.getLengthSync()
  const headers = { ...form.getHeaders(), 'content-length': String(length) }
  return { form, headers }
}

function expected<T>(schema: z.ZodType<T>, answer: unknown, relay: Relay): T {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new PostError(
    'wrong_url',
    `What answers at ${relay.url.href} is no relay, or one of another version: ${z.prettifyError(result.error)}`,
  )
}

/** Up to three tries in ten seconds in all. Time in which the upload moves does not count: slow is not away. */
async function withTries<T>(
  signal: AbortSignal | undefined,
  attempt: (clock: Clock) => Promise<T>,
): Promise<T> {
  let left = TOTAL_MS
  let bodySent = false
  const isInterrupted = () => signal?.aborted === true
  for (let number = 1; ; number += 1) {
    if (isInterrupted()) throw interrupted(bodySent, signal?.reason)
    const clock = new Clock(left, signal)
    try {
      return await attempt(clock)
    } catch (error) {
      bodySent ||= clock.bodySent
      if (isInterrupted()) throw interrupted(bodySent, error)
      if (!(error instanceof RelayAway)) throw error
      left = clock.stop()
      const pause = Math.max(250 * 2 ** (number - 1), error.retryAfterMs ?? 0)
      if (number === TRIES || pause >= left) throw error
      await pauseFor(pause, signal)
      left -= pause
    } finally {
      clock.stop()
    }
  }
}

/** Ends early, and quietly, by an interrupt. */
async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

function interrupted(bodySent: boolean, cause: unknown): PostError {
  return new PostError(
    'interrupted',
    bodySent
      ? 'Interrupted after the post was sent and before the relay answered: it may be stored; the inbox page shows it if it is'
      : 'Interrupted: the post was not sent',
    { cause },
  )
}

/** The time limit of one try, and the person's interrupt. */
class Clock {
  /** The whole body went out; from then on the relay may have stored it. */
  bodySent = false
  private readonly controller = new AbortController()
  private readonly outer: AbortSignal | undefined
  private timer: NodeJS.Timeout
  private left: number
  private stopped = false
  private startedAt = performance.now()
  private readonly onAbort = (): void => {
    clearTimeout(this.timer)
    if (!this.bodySent) this.controller.abort(this.outer?.reason)
    else this.timer = setTimeout(() => this.controller.abort(this.outer?.reason), GRACE_MS)
  }

  constructor(left: number, outer: AbortSignal | undefined) {
    this.left = left
    this.outer = outer
    this.timer = this.start()
    outer?.addEventListener('abort', this.onAbort)
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** The clock stands while this body moves. */
  watch(body: FormData): void {
    body.on('data', () => {
      // A try that failed may leave its body running.
      if (this.stopped) return
      clearTimeout(this.timer)
      this.startedAt = performance.now()
      this.timer = this.start()
    })
    body.once('end', () => {
      this.bodySent = true
    })
  }

  /** @returns Milliseconds left for further tries. */
  stop(): number {
    if (this.stopped) return this.left
    this.stopped = true
    clearTimeout(this.timer)
    this.outer?.removeEventListener('abort', this.onAbort)
    this.left = Math.max(0, this.left - (performance.now() - this.startedAt))
    return this.left
  }

  private start(): NodeJS.Timeout {
    return setTimeout(() => {
      this.controller.abort(new RelayAway(`the relay did not answer within ${TOTAL_MS / 1000} s`))
    }, this.left)
  }
}
