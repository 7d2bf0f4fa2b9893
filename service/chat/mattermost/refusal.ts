// What an answer of Mattermost that is no success means for the outbox. Only an answer in
// Mattermost's own form refuses the request. Everything else (a redirect, a proxy's page, other
// JSON) is trouble of the site: it passes, and posts go on waiting. Only the id of Mattermost's own
// error is shown of a body: the rest may be a secret or a lie.
import type { Response } from 'node-fetch'
import { z } from 'zod'
import { capitalised } from '../../../post/contract/sentence.ts'
import { proxyRefuses } from '../../../post/relay/unreached.ts'
import type { Server } from '../../../post/relay/unreached.ts'
import type { Proxy } from '../../../post/relay/way.ts'
import { ChatError } from '../../errors.ts'
import type { SettingNames } from './settings.ts'

/** Mattermost's own form. `message` is localised, so not read; `id` is empty in hardened mode. */
const Refusal = z.object({
  id: z.string().regex(/^[\w.-]{0,200}$/),
  message: z.string(),
  status_code: z.int(),
})

/** An unknown route: another version or address answered, which says nothing about the post. */
const NO_SUCH_ROUTE = 'api.context.404.app_error'
/** The first request with this key is still under way: its answer comes in a moment. */
const UNDER_WAY = 'api.post.deduplicate_create_post.pending'
/** The channel of the post was archived after the post was accepted. */
const ARCHIVED = 'api.post.create_post.can_not_post_to_deleted.error'
/** The longest wait that we accept; a longer one would end posts that only have to wait. */
const LONGEST_WAIT_MS = 60 * 60_000

/** Mattermost's refusal, by its stable id. */
class MattermostRefusal extends Error {
  override name = 'MattermostRefusal'
  readonly id: string
  constructor(id: string) {
    super(id)
    this.id = id
  }
}

/** Not Mattermost's own word, but trouble of the site. */
class SiteTrouble extends Error {
  override name = 'SiteTrouble'
}

/** The stable `id` of a refusal, '' if the answer had none. */
export function refusalId(error: unknown): string {
  return error instanceof ChatError && error.cause instanceof MattermostRefusal
    ? error.cause.id
    : ''
}

/** Whether the site must be mended before it can answer; not if it only asks to wait. */
export function isTrouble(error: unknown): boolean {
  const isWait = error instanceof ChatError && error.status === 429
  return error instanceof ChatError && error.retryable && !isWait && refusalId(error) !== UNDER_WAY
}

export function trouble(message: string, options: { retryAfterMs?: number } = {}): ChatError {
  return new ChatError(message, {
    status: 0,
    retryable: true,
    ...options,
    cause: new SiteTrouble(message),
  })
}

/** What was asked. */
interface Asked {
  server: Server
  settings: SettingNames
  /** Address of the server. */
  site: string
  /** The one that the answer came through. */
  proxy: Proxy | undefined
}

/** @param asked - `sent`: whether the request had a body. */
export function refusal(
  { sent, ...asked }: Asked & { sent: boolean },
  response: Response,
  body: string,
): ChatError {
  const { status } = response
  const own = Refusal.safeParse(parseJson(body)).data
  const isOwn = own?.status_code === status && own.id !== NO_SUCH_ROUTE
  const id = isOwn ? own.id : ''
  const retryAfterMs = waitFor(status, id, Number(response.headers.get('retry-after') ?? ''))
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  // A proxy's too: it is about what was sent, and would be repeated.
  const isTooLarge = status === 413 && sent
  // Mattermost's own rate limit, which is not JSON.
  const isTooOften = status === 429
  if (!isOwn && !isTooLarge && !isTooOften) return trouble(troubleWords(asked, response), wait)
  return new ChatError(sentence(status, id, asked.settings), {
    status,
    // 401: the bot's token is being changed; accepted posts wait for the new one.
    retryable: status === 401 || status === 429 || (status >= 500 && status !== 501),
    ...wait,
    cause: new MattermostRefusal(id),
  })
}

/** For a success whose body is not what Mattermost answers. */
export function otherKind(asked: Asked, response: Response): ChatError {
  return trouble(kindWords(asked, response))
}

function waitFor(status: number, id: string, retryAfter: number): number | undefined {
  if (id === UNDER_WAY) return 1000
  if (retryAfter > 0) return Math.min(retryAfter * 1000, LONGEST_WAIT_MS)
  return status === 429 ? 1000 : undefined
}

function sentence(status: number, id: string, settings: SettingNames): string {
  const said = id === '' ? '' : ` (${id})`
  if (status === 401)
    return `Mattermost does not accept the token of the bot; check ${settings.token} and that the bot is enabled`
  if (id === ARCHIVED)
    return 'The channel is archived: nobody can post there until somebody restores it'
  if (status === 403) return `Mattermost does not allow the bot to do this${said}`
  if (status === 413) return `Too large for Mattermost or a proxy before it${said}`
  if (status === 429) return 'Mattermost asks to send less often'
  return `Mattermost answered ${status}${said}`
}

function troubleWords(asked: Asked, response: Response): string {
  const { site } = asked
  const { status } = response
  if (isOfProxy(asked)) return kindWords(asked, response)
  if (status >= 300 && status < 400) {
    // Show only the origin: the rest of the address may contain a login.
    const to = URL.parse(response.headers.get('location') ?? '', site)?.origin ?? 'elsewhere'
    return `Mattermost redirects to ${to}; set ${asked.settings.url} to the final address${pathWords(asked)}`
  }
  if (status >= 500) return `Mattermost answered ${status}`
  return kindWords(asked, response)
}

/** The answer may be a page of the proxy, which cannot see into TLS. */
function isOfProxy({ site, proxy }: Asked): boolean {
  return proxy !== undefined && site.startsWith('http:')
}

function kindWords(asked: Asked, { status, headers }: Response): string {
  const { server, settings, site, proxy } = asked
  if (proxy !== undefined && isOfProxy(asked))
    return capitalised(proxyRefuses(server, proxy, status))
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(headers.get('content-type') ?? '')?.[0] ?? 'no type'
  return `Expected Mattermost at ${site}, got an answer of another kind (${status}, ${type}); check ${settings.url} and what is between${plainWords(site, status)}${pathWords(asked)}`
}

/** What many servers of TLS answer to plain HTTP. */
function plainWords(site: string, status: number): string {
  return status === 400 && site.startsWith('http:') ? ', or begin it with https://' : ''
}

/** For an address as a browser shows it, with a team and a channel. */
function pathWords({ site, settings }: Asked): string {
  const { origin, pathname } = new URL(site)
  if (pathname === '/') return ''
  return `. If ${pathname} is a team or a channel, it is no part of that address: set ${settings.url} to ${origin} and ${settings.team} to the team`
}

/** Undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // SyntaxError: a proxy's page, or the plain text of a rate limit. Its message would quote it.
    return undefined
  }
}
