// One HTTP request to a relay, one try: time limits, no redirects, and answers sorted into taken, refused and away.
import limits from '../contract/limits.json' with { type: 'json' }
import { shownAddress } from './address.ts'
import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import fetch from 'node-fetch'
import type { Response } from 'node-fetch'
import { PostError, refusal } from '../contract/error.ts'
import { Problem } from '../contract/schema.ts'

export interface Relay {
  /** Ends in a slash. */
  url: URL
  /** Undefined for requests that need none: the proof. */
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

/** The relay cannot take the post now; trying later can help. Never leaves `post/`. */
export class RelayAway extends Error {
  override name = 'RelayAway'
  /** Milliseconds that the relay asked to wait. */
  readonly retryAfterMs: number | undefined
  /** Of its answer; undefined if none came. */
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
 * @throws {RelayAway} no connection, 408, 429, 5xx; {PostError} anything else but 2xx with JSON.
 */
export async function requestRelay(relay: Relay, request: RelayRequest): Promise<unknown> {
  const address = new URL(request.path, relay.url)
  const response = await send(relay, address, request)
  if (response.status >= 300 && response.status < 400) {
    await discard(response)
    throw new PostError(
      'wrong_url',
      wrongUrl(relay.url, `it redirects (${response.status}) to another address`),
    )
  }
  if (response.status === 204) return undefined
  const body = parsed(await text(response, relay))
  if (response.ok) {
    if (body !== undefined) return body
    throw new PostError(
      'wrong_url',
      wrongUrl(relay.url, 'what answers there is no relay: it sent no JSON'),
    )
  }
  throw failure(relay, response, body)
}

async function send(relay: Relay, address: URL, request: RelayRequest): Promise<Response> {
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
      agent: address.protocol === 'https:' ? secureAgent : agent,
      signal: request.signal,
    })
  } catch (error) {
    throw noAnswer(relay, request.signal, error)
  }
}

async function text(response: Response, relay: Relay): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    throw new RelayAway(`the relay at ${relay.url.origin} broke off its answer`, { cause: error })
  }
}

async function discard(response: Response): Promise<void> {
  // Only so that the socket closes; a connection that breaks here changes nothing.
  await response.text().catch(() => '')
}

function noAnswer(relay: Relay, signal: AbortSignal, error: unknown): Error {
  if (signal.aborted && signal.reason instanceof RelayAway) return signal.reason
  if (signal.aborted) return Error.isError(signal.reason) ? signal.reason : new Error('Aborted')
  const code = codeOf(error)
  const why =
    code === 'ECONNREFUSED'
      ? 'refuses connections'
      : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? 'was not found (name lookup failed)'
        : code === 'CONNECT_TIMEOUT'
          ? `did not accept a connection within ${CONNECT_MS / 1000} s`
          : `broke the connection (${code ?? (Error.isError(error) ? error.name : 'unknown')})`
  return new RelayAway(`the relay at ${relay.url.origin} ${why}`, { cause: error })
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Answers that a later try can change: the relay or a proxy before it is overloaded, restarting or broken. */
const AWAY = new Set([408, 425, 429, 500, 502, 503, 504, 507])

function failure(relay: Relay, response: Response, body: unknown): Error {
  const problem = Problem.safeParse(body).data
  if (AWAY.has(response.status)) {
    const retryAfterMs = retryAfter(response.headers.get('retry-after'))
    const detail = problem === undefined ? '' : `: ${problem.detail}`
    return new RelayAway(
      `the relay at ${relay.url.origin} says ${response.status} ${response.statusText}${detail}`,
      { status: response.status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    )
  }
  if (problem !== undefined && response.status === 403) return forbidden(relay, problem)
  if (problem !== undefined) return refusal(problem)
  if (response.status === 401 || response.status === 403) {
    return new PostError(
      'bad_token',
      `The relay at ${shownAddress(relay.url.href)} refuses this token (${response.status}). ${tokenAdvice(relay)}`,
    )
  }
  if (response.status === 413) {
    return new PostError(
      'too_large',
      `A proxy before the relay at ${relay.url.origin} refuses a post of this size (413)`,
    )
  }
  return new PostError(
    'wrong_url',
    wrongUrl(
      relay.url,
      `what answers there (${response.status} ${response.statusText}) is no relay`,
    ),
  )
}

const GRANT =
  'The token needs the scope access:services!service=jupyterpost (the admin grants it to the roles "user" and "server"; ' +
  'configure_jupyterhub does). A server that was started before the grant must be stopped and started again'

const LOCAL =
  'This is a local relay, whose token is new at each of its starts: without JUPYTERPOST_URL and JUPYTERPOST_TOKEN ' +
  '(or with JUPYTERPOST_URL=local) it is found with its token'

/** A local relay is at the root of 127.0.0.1, one on a Hub below `/services/`. */
function tokenAdvice({ url }: Relay): string {
  return url.hostname === '127.0.0.1' && url.pathname === '/' ? LOCAL : GRANT
}

/** The token check's refusals name what is missing; the relay's own (`not_allowed`, ...) say what they are about. */
function forbidden(relay: Relay, problem: Problem): PostError {
  const isTokenCheck = ['no_token', 'bad_token', 'not_granted'].includes(problem.code)
  if (!isTokenCheck) return refusal(problem)
  return new PostError(problem.code, `${problem.detail}\n${tokenAdvice(relay)}`)
}

function wrongUrl(url: URL, why: string): string {
  return `JUPYTERPOST_URL is wrong: ${shownAddress(url.href)}: ${why}. It must be the relay's own address, like https://hub.example/services/jupyterpost/`
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    // A SyntaxError: HTML of a login page or of a proxy.
    return undefined
  }
}

/** Milliseconds; RFC 9110, 10.2.3: seconds or a date. */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

/** Ends a connection that is not there in time; `event` is when it counts as there. */
function limitConnect(socket: Duplex, event: 'connect' | 'secureConnect'): void {
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error('connect timed out'), { code: 'CONNECT_TIMEOUT' }))
  }, CONNECT_MS)
  const stop = (): void => clearTimeout(timer)
  socket.once(event, stop)
  socket.once('close', stop)
}

class ConnectAgent extends http.Agent {
  override createConnection(...args: Parameters<http.Agent['createConnection']>) {
    const socket = super.createConnection(...args)
    if (socket) limitConnect(socket, 'connect')
    return socket
  }
}

class SecureConnectAgent extends https.Agent {
  override createConnection(...args: Parameters<https.Agent['createConnection']>) {
    const socket = super.createConnection(...args)
    if (socket) limitConnect(socket, 'secureConnect')
    return socket
  }
}

// A connection for each request: a kept one may be half closed by a proxy, and a post is rare enough.
const agent = new ConnectAgent({ keepAlive: false })
const secureAgent = new SecureConnectAgent({ keepAlive: false })
