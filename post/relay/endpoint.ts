// Which relay a post goes to and with which token, from the environment (docs/spec.md 5.1). It
// ensures that a token is sent only to the address that it belongs to.
import { shownAddress } from './address.ts'
import { isToken, trimmed } from './token.ts'
import { isIP } from 'node:net'
import { userInfo } from 'node:os'
import { PostError } from '../contract/error.ts'
import { sentence } from '../contract/sentence.ts'

export type Endpoint =
  | { kind: 'local'; user: string; warnings: string[] }
  | {
      kind: 'remote'
      /** Ends in a slash. */
      url: URL
      token: string
      /** Who posts, as far as the client knows. Posts in the spool are sent only as this person. */
      user: string
      warnings: string[]
    }

export interface EndpointOptions {
  /** Another address than `JUPYTERPOST_URL`; needs a token of its own. */
  url?: string | undefined
  token?: string | undefined
}

/** @throws {PostError} `no_relay_url`, `no_token`, `wrong_url` */
export function resolveEndpoint(env: NodeJS.ProcessEnv, options: EndpointOptions = {}): Endpoint {
  const user = env.JUPYTERHUB_USER || userInfo().username
  const fromEnv = trimmed(env.JUPYTERPOST_URL)
  const given = options.url?.trim() ?? fromEnv
  if (given === 'local') return { kind: 'local', user, warnings: [] }
  if (given === undefined) {
    if (isOnHub(env)) throw new PostError('no_relay_url', sentence('noRelayUrl'))
    return { kind: 'local', user, warnings: [] }
  }
  const url = relayUrl(given)
  const isOwn = fromEnv === undefined || isSame(url, fromEnv)
  const token = trimmed(options.token) ?? tokenFor(env, isOwn, fromEnv !== undefined)
  if (token === undefined) {
    const words = sentence(isOwn ? 'noToken' : 'noTokenElsewhere', { url: shownAddress(url.href) })
    throw new PostError('no_token', words)
  }
  if (!isToken(token)) throw new PostError('bad_token', sentence('tokenCharacters'))
  return { kind: 'remote', url, token, user, warnings: transportWarnings(url) }
}

/**
 * With its slash at the end, so that `api/v1/posts` is below it.
 * @throws {PostError} `wrong_url`
 */
export function relayUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new PostError('wrong_url', sentence('noUrl', { given: JSON.stringify(text) }))
  }
  if (url.username !== '' || url.password !== '') {
    throw new PostError('wrong_url', sentence('passwordInUrl'))
  }
  url.search = ''
  url.hash = ''
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function isOnHub(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.JUPYTERHUB_API_TOKEN || env.JPY_API_TOKEN || env.JUPYTERHUB_USER)
}

function isSame(url: URL, other: string): boolean {
  return other !== 'local' && relayUrl(other).href === url.href
}

/**
 * The Hub's tokens belong to `JUPYTERPOST_URL`, and so does `JUPYTERPOST_TOKEN` if that is set.
 * Without `JUPYTERPOST_URL`, `JUPYTERPOST_TOKEN` belongs to the address that the person names.
 */
function tokenFor(env: NodeJS.ProcessEnv, isOwn: boolean, hasUrl: boolean): string | undefined {
  if (!isOwn) return undefined
  const own = trimmed(env.JUPYTERPOST_TOKEN)
  if (own !== undefined || !hasUrl) return own
  return trimmed(env.JUPYTERHUB_API_TOKEN) ?? trimmed(env.JPY_API_TOKEN)
}

function transportWarnings(url: URL): string[] {
  if (url.protocol === 'https:' || isNear(url.hostname)) return []
  return [sentence('unencrypted', { origin: url.origin })]
}

/** Loopback, or a name that is resolved only inside a cluster or a container network. */
function isNear(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return host === '::1' || host.startsWith('127.')
  return (
    !host.includes('.') ||
    /\.(localhost|svc|cluster\.local|internal)$/.test(host) ||
    host.includes('.svc.')
  )
}
