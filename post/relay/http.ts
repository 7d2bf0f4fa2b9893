// One HTTP request to a relay, tried once: time limits, no redirects, and answers sorted into
// accepted, refused and away.
import limits from '../contract/limits.json' with { type: 'json' }
import { shownAddress } from './address.ts'
import fetch from 'node-fetch'
import type { Response } from 'node-fetch'
import { PostError } from '../contract/error.ts'
import { refusal, Refusal } from '../contract/refusal.ts'
import { RETRYABLE, RETRYABLE_CODES, sentence, TOKEN_CHECK } from '../contract/sentence.ts'
import { proxyRefuses, unreached } from './unreached.ts'
import type { Server } from './unreached.ts'
import { BadProxy, Way } from './way.ts'
import type { Proxy } from './way.ts'

export interface Relay {
  /** Ends in a slash. */
  url: URL
  /** Undefined if the request needs none, as the one for the proof. */
  token: string | undefined
}

export interface RelayRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the relay's address: `api/v1/posts`. */
  path: string
  headers?: Record<string, string>
  body?: NodeJS.ReadableStream | string
  signal: AbortSignal
}

/** The relay cannot take the request now, but trying later can help. Never leaves `post/`. */
export class RelayAway extends Error {
  override name = 'RelayAway'
  /** How long the relay asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined
  /** The HTTP status; undefined if there was no answer. */
  readonly status: number | undefined
  constructor(
    message: string,
    options: { retryAfterMs?: number; status?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.retryAfterMs = options.retryAfterMs
    this.status = options.status
  }
}

const { connectMs: CONNECT_MS } = limits.request

/**
 * @returns The parsed JSON of a 2xx answer; undefined for 204.
 * @throws {RelayAway} for no connection, a status in `RETRYABLE` or a code in `RETRYABLE_CODES`,
 *   {PostError} for anything else but 2xx with JSON.
 */
export async function requestRelay(relay: Relay, request: RelayRequest): Promise<unknown> {
  const address = new URL(request.path, relay.url)
  const way = wayTo(relay, address)
  try {
    const response = await send(relay, { address, way }, request)
    const { status, statusText: reason } = response
    const retryAfter = response.headers.get('retry-after')
    const isRead = status !== 204 && !isRedirect(status)
    const body = isRead ? await text(response, relay) : await discard(response)
    return parseAnswer(relay, { status, reason, retryAfter, body }, way.proxy)
  } finally {
    // What refused an upload may never read the rest of it, and Node would wait until it did.
    way.close()
  }
}

/** A new connection for each request: a proxy may have half closed an old one; posts are rare. */
function wayTo(relay: Relay, address: URL): Way {
  try {
    return new Way(address, { connectMs: CONNECT_MS })
  } catch (error) {
    if (!(error instanceof BadProxy)) throw error
    throw new RelayAway(unreached(serverOf(relay), error), { cause: error })
  }
}

/** The answer of a relay, or of something else at its address. */
export interface HttpAnswer {
  status: number
  reason: string
  retryAfter: string | null
  body: string
}

/**
 * @param proxy - The one that the answer came through.
 * @returns The parsed JSON of a 2xx answer; undefined for 204.
 * @throws {RelayAway} or {PostError} for any other answer.
 */
export function parseAnswer(relay: Relay, answer: HttpAnswer, proxy?: Proxy): unknown {
  const { status } = answer
  if (proxy !== undefined && isOfProxy(relay, answer))
    throw new RelayAway(proxyRefuses(serverOf(relay), proxy, status), { status })
  if (isRedirect(status)) throw wrongUrl(relay.url, sentence('redirects', { status }))
  if (status === 204) return undefined
  const body = parsed(answer.body)
  if (status < 200 || status >= 300) throw failure(relay, answer, body)
  if (body === undefined) throw wrongUrl(relay.url, sentence('noJson'))
  return body
}

/** Statuses with which a proxy answers in place of a server, besides a login page. */
const OF_PROXY: ReadonlySet<number> = new Set([403, 407, 502, 503, 504])

/** Whether it is a page of the proxy itself, which cannot see into TLS. */
function isOfProxy({ url }: Relay, { status, body }: HttpAnswer): boolean {
  if (url.protocol !== 'http:' || status === 204) return false
  const isPage = status < 400 ? parsed(body) === undefined : OF_PROXY.has(status)
  return isPage && !Refusal.safeParse(parsed(body)).success
}

const isRedirect = (status: number) => status >= 300 && status < 400

async function send(
  relay: Relay,
  { address, way }: { address: URL; way: Way },
  request: RelayRequest,
): Promise<Response> {
  try {
    return await fetch(address, {
      method: request.method,
      headers: {
        accept: 'application/json',
        ...(relay.token === undefined ? {} : { authorization: `token ${relay.token}` }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: 'manual',
      agent: way.agent,
      signal: request.signal,
    })
  } catch (error) {
    throw noAnswer(relay, request.signal, error, way)
  }
}

async function text(response: Response, relay: Relay): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    throw new RelayAway(`the relay at ${relay.url.origin} broke off its answer`, { cause: error })
  }
}

async function discard(response: Response): Promise<string> {
  // Read only to close the socket; an error here does not matter.
  return response.text().catch(() => '')
}

function noAnswer(relay: Relay, signal: AbortSignal, error: unknown, way: Way): Error {
  if (signal.aborted && signal.reason instanceof RelayAway) return signal.reason
  if (signal.aborted) return Error.isError(signal.reason) ? signal.reason : new Error('Aborted')
  return new RelayAway(unreached(serverOf(relay), error, way), { cause: error })
}

/** The relay, for people. */
export function serverOf({ url }: Relay): Server {
  const { origin, protocol } = url
  return { name: sentence('theRelay', { origin }), protocol, setting: 'JUPYTERPOST_URL' }
}

function failure(relay: Relay, answer: HttpAnswer, body: unknown): Error {
  const problem = Refusal.safeParse(body).data
  const { status, reason } = answer
  const { origin } = relay.url
  if (RETRYABLE.has(status) || RETRYABLE_CODES.has(problem?.code ?? '')) {
    const retryAfterMs = millisecondsOf(answer.retryAfter)
    const words =
      problem === undefined
        ? sentence('says', { origin, status, reason })
        : sentence('saysWhy', { origin, status, reason, detail: problem.detail })
    return new RelayAway(words, {
      status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  }
  if (problem !== undefined && status === 403) return forbidden(relay, problem)
  if (problem !== undefined) return refusal(problem)
  if (status === 401 || status === 403) {
    const where = { url: shownAddress(relay.url.href), status }
    return new PostError('bad_token', sentence('refusesToken', { ...where, advice: advice(relay) }))
  }
  if (status === 413) return new PostError('too_large', sentence('proxyTooLarge', { origin }))
  // What many servers of TLS answer to plain HTTP.
  const isPlain = status === 400 && relay.url.protocol === 'http:'
  return wrongUrl(relay.url, sentence(isPlain ? 'noRelayPlain' : 'noRelay', { status, reason }))
}

/** A local relay has the address `http://127.0.0.1:PORT/`; on a Hub it is below `/services/`. */
function advice({ url }: Relay): string {
  return sentence(url.hostname === '127.0.0.1' && url.pathname === '/' ? 'localToken' : 'grant')
}

/**
 * Adds what to do to an error about the token; the relay's other errors (`not_allowed`, ...) say it
 * themselves.
 */
function forbidden(relay: Relay, problem: Refusal): PostError {
  if (!TOKEN_CHECK.has(problem.code)) return refusal(problem)
  return new PostError(problem.code, `${problem.detail}\n${advice(relay)}`)
}

function wrongUrl(url: URL, why: string): PostError {
  return new PostError('wrong_url', sentence('wrongUrl', { url: shownAddress(url.href), why }))
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    // A SyntaxError: probably the HTML of a login page or of a proxy.
    return undefined
  }
}

/** In milliseconds, from seconds or a date (RFC 9110, 10.2.3). */
function millisecondsOf(value: string | null): number | undefined {
  if (value === null) return undefined
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
