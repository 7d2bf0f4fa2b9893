// The HTTP client of a relay: its requests and their answers. It neither finds relays nor keeps
// posts. A relay that is away is an error here; `poster.ts` decides what to do with the post.
import { shownAddress } from './address.ts'
import { randomUUID } from 'node:crypto'
import FormData from 'form-data'
import { z } from 'zod'
import { PostError } from '../contract/error.ts'
import { formBody } from './form-body.ts'
import { RelayAway, requestRelay } from './http.ts'
import type { Relay, RelayRequest } from './http.ts'
import { LinkAnswer } from '../contract/identity.ts'
import type { LinkRequest } from '../contract/identity.ts'
import { Answer } from '../contract/question.ts'
import { Accepted, Feed, Limits, StoredPost } from '../contract/schema.ts'
import type { Post, PostContent } from '../contract/schema.ts'
import { sentence } from '../contract/sentence.ts'
import { TOTAL_MS, withTries } from './tries.ts'
import type { Clock } from './tries.ts'
import { WatchState } from '../contract/watch.ts'
import type { WatchManifest } from '../contract/watch.ts'

export interface SubmitOptions {
  /** The same for all tries of one post, so that the relay takes it once. */
  idempotencyKey?: string
  signal?: AbortSignal | undefined
}

/**
 * Stores a post at the relay.
 *
 * @throws {PostError} if the relay refuses it, {RelayAway} if no try succeeded.
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

/**
 * Gives a stored post new content.
 * @throws {PostError} `too_late` if it cannot be changed any more, {RelayAway}
 */
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

/**
 * The state of a question, as soon as it is over or after `wait` seconds (0 to 30).
 * @throws {PostError} {RelayAway}
 */
export async function getAnswer(
  relay: Relay,
  id: string,
  wait: number,
  signal?: AbortSignal,
): Promise<Answer> {
  const path = `${answerPath(id)}?wait=${wait}`
  return expected(
    Answer,
    await callRelay(relay, { method: 'GET', path }, signal, wait * 1000 + TOTAL_MS),
    relay,
  )
}

/** Takes a question back. @throws {PostError} {RelayAway} */
export async function deleteAnswer(relay: Relay, id: string, signal?: AbortSignal): Promise<void> {
  await callRelay(relay, { method: 'DELETE', path: answerPath(id) }, signal)
}

function answerPath(id: string): string {
  return `api/v1/posts/${encodeURIComponent(id)}/answer`
}

/**
 * Links a chat account. Tried only once, because a second try would ask for another code, or use
 * one up twice.
 * @throws {PostError}
 */
export async function linkAccount(
  relay: Relay,
  { path, body }: LinkRequest,
  signal?: AbortSignal,
): Promise<LinkAnswer> {
  const headers = { 'content-type': 'application/json' }
  const request = { method: 'POST', path, headers, body: JSON.stringify(body) } as const
  const answer = await withTries(signal, async (clock) => {
    try {
      return await requestRelay(relay, { ...request, signal: clock.signal })
    } catch (error) {
      if (!(error instanceof RelayAway)) throw error
      throw new PostError('relay_away', sentence('noAnswer', { reason: error.message }), {
        cause: error,
      })
    }
  })
  return expected(LinkAnswer, answer, relay)
}

/**
 * The newest posts that the person may read, oldest first.
 * @param before - The `before` of an answer: the posts before those of that one.
 */
export async function getFeed(
  relay: Relay,
  { limit, before }: { limit: number; before?: string | undefined },
  signal?: AbortSignal,
): Promise<Feed> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(before !== undefined && { before }),
  })
  return expected(Feed, await get(relay, `api/v1/posts?${query.toString()}`, signal), relay)
}

/** What follows the relay's own address: a link cannot point to another host. */
const Behind = z.string().regex(/^\?[^#]*#/)
const Links = z.object({ page: Behind, posts: z.array(Behind) })

export interface PageLinks {
  page: URL
  posts: URL[]
}

/**
 * Links to a local relay's page and to posts in it. Each lets in one browser, within 10 minutes.
 */
export async function makeLinks(
  relay: Relay,
  posts: readonly string[],
  signal?: AbortSignal,
): Promise<PageLinks> {
  const headers = { 'content-type': 'application/json' }
  const request = { method: 'POST', path: 'api/v1/links', headers } as const
  const body = JSON.stringify({ posts })
  const links = expected(Links, await callRelay(relay, { ...request, body }, signal), relay)
  return {
    page: new URL(links.page, relay.url),
    posts: links.posts.map((link) => new URL(link, relay.url)),
  }
}

const Forgotten = z.object({ forgotten: z.int().nonnegative() })

/** Makes a local relay forget all browsers that it lets in. @returns How many there were. */
export async function forgetPages(relay: Relay, signal?: AbortSignal): Promise<number> {
  const request = { method: 'DELETE', path: 'api/v1/page/keys' } as const
  return expected(Forgotten, await callRelay(relay, request, signal), relay).forgotten
}

/** Any other request, tried as often as `submitPost`. */
async function callRelay(
  relay: Relay,
  request: Omit<RelayRequest, 'signal'>,
  signal?: AbortSignal,
  totalMs = TOTAL_MS,
): Promise<unknown> {
  const attempt = (clock: Clock) => requestRelay(relay, { ...request, signal: clock.signal })
  return withTries(signal, attempt, totalMs)
}

async function get(relay: Relay, path: string, signal?: AbortSignal): Promise<unknown> {
  return callRelay(relay, { method: 'GET', path }, signal)
}

/** Sends a manifest with files, in up to three tries that the relay counts as one. */
async function upload(
  relay: Relay,
  request: Pick<RelayRequest, 'method' | 'path'>,
  content: PostContent,
  options: SubmitOptions,
): Promise<unknown> {
  const idempotencyKey = options.idempotencyKey ?? randomUUID()
  return withTries(options.signal, (clock) => {
    const { form, headers } = encode(content)
    clock.standDuring(form)
    return requestRelay(relay, {
      ...request,
      headers: { ...headers, 'idempotency-key': idempotencyKey },
      body: formBody(form),
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

/** Starts a watch or updates one. @throws {PostError} {RelayAway} */
export async function putWatch(
  relay: Relay,
  id: string,
  manifest: WatchManifest,
  signal?: AbortSignal,
): Promise<WatchState> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(manifest)
  const answer = await callRelay(
    relay,
    { method: 'PUT', path: watchPath(id), headers, body },
    signal,
  )
  return expected(WatchState, answer, relay)
}

/**
 * Renews a watch. Answered as soon as there is a command after `after`, or after `wait` seconds (0
 * to 30).
 * @throws {PostError} {RelayAway}
 */
export async function getCommands(
  relay: Relay,
  id: string,
  { after, wait }: { after: number; wait: number },
  signal?: AbortSignal,
): Promise<WatchState> {
  const path = `${watchPath(id)}/commands?after=${after}&wait=${wait}`
  const totalMs = wait * 1000 + TOTAL_MS
  return expected(
    WatchState,
    await callRelay(relay, { method: 'GET', path }, signal, totalMs),
    relay,
  )
}

/** Ends a watch. @throws {PostError} {RelayAway} */
export async function deleteWatch(relay: Relay, id: string, signal?: AbortSignal): Promise<void> {
  await callRelay(relay, { method: 'DELETE', path: watchPath(id) }, signal)
}

function watchPath(id: string): string {
  return `api/v1/watches/${encodeURIComponent(id)}`
}

function expected<T>(schema: z.ZodType<T>, answer: unknown, relay: Relay): T {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new PostError(
    'wrong_url',
    `${sentence('otherVersion', { url: shownAddress(relay.url.href) })}: ${z.prettifyError(result.error)}`,
  )
}
