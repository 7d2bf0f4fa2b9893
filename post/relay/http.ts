// One HTTP request to a relay, tried once: time limits, no redirects, and answers sorted into
// accepted, refused and away.
import limits from '../contract/limits.json' with { type: 'json' }
import { shownAddress } from './address.ts'
import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import fetch from 'node-fetch'
import type { Response } from 'node-fetch'
import { PostError, codeOf } from '../contract/error.ts'
import { refusal, Refusal } from '../contract/refusal.ts'
import { RETRYABLE, sentence, TOKEN_CHECK } from '../contract/sentence.ts'

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
 * @throws {RelayAway} for no connection or a status in `RETRYABLE`, {PostError} for anything else
 *   but 2xx with JSON.
 */
export async function requestRelay(relay: Relay, request: RelayRequest): Promise<unknown> {
  const address = new URL(request.path, relay.url)
  const agent = agentFor(address)
  try {
    const response = await send(relay, { address, agent }, request)
    const { status, statusText: reason } = response
    const retryAfter = response.headers.get('retry-after')
    const isRead = status !== 204 && !isRedirect(status)
    const body = isRead ? await text(response, relay) : await discard(response)
    return parseAnswer(relay, { status, reason, retryAfter, body })
  } finally {
    // What refused an upload may never read the rest of it, and Node would wait until it did.
    agent.destroy()
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
 * @returns The parsed JSON of a 2xx answer; undefined for 204.
 * @throws {RelayAway} or {PostError} for any other answer.
 */
export function parseAnswer(relay: Relay, answer: HttpAnswer): unknown {
  const { status } = answer
  if (isRedirect(status)) throw wrongUrl(relay.url, sentence('redirects', { status }))
  if (status === 204) return undefined
  const body = parsed(answer.body)
  if (status < 200 || status >= 300) throw failure(relay, answer, body)
  if (body === undefined) throw wrongUrl(relay.url, sentence('noJson'))
  return body
}

const isRedirect = (status: number) => status >= 300 && status < 400

async function send(
  relay: Relay,
  { address, agent }: { address: URL; agent: http.Agent },
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
      agent,
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

async function discard(response: Response): Promise<string> {
  // Read only to close the socket; an error here does not matter.
  return response.text().catch(() => '')
}

function noAnswer(relay: Relay, signal: AbortSignal, error: unknown): Error {
  if (signal.aborted && signal.reason instanceof RelayAway) return signal.reason
  if (signal.aborted) return Error.isError(signal.reason) ? signal.reason : new Error('Aborted')
  return new RelayAway(noAnswerWords(relay.url.origin, error), { cause: error })
}

/** @param error - As Node throws it, with a `code`. */
export function noAnswerWords(origin: string, error: unknown): string {
  const code = codeOf(error)
  switch (code) {
    case 'ECONNREFUSED':
      return sentence('refusesConnections', { origin })
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return sentence('notFound', { origin })
    case 'CONNECT_TIMEOUT':
      return sentence('noConnection', { origin, seconds: CONNECT_MS / 1000 })
    default: {
      const why = code ?? (Error.isError(error) ? error.name : 'unknown')
      return sentence('brokeConnection', { origin, why })
    }
  }
}

function failure(relay: Relay, answer: HttpAnswer, body: unknown): Error {
  const problem = Refusal.safeParse(body).data
  const { status, reason } = answer
  const { origin } = relay.url
  if (RETRYABLE.has(status)) {
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
  return wrongUrl(relay.url, sentence('noRelay', { status, reason }))
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

/** Closes a connection that takes too long; `event` tells that it is there. */
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

/** A new connection for each request: a proxy may have half closed an old one; posts are rare. */
function agentFor({ protocol }: URL): http.Agent {
  const options = { keepAlive: false }
  return protocol === 'https:' ? new SecureConnectAgent(options) : new ConnectAgent(options)
}
