// Why a server was not reached, in one sentence that names the setting to look at. The data is in
// `errors.json`, shared with Python; codes are those of Node.
import errors from '../contract/errors.json' with { type: 'json' }
import limits from '../contract/limits.json' with { type: 'json' }
import { codeOf } from '../contract/error.ts'
import { sentence } from '../contract/sentence.ts'
import { BadProxy } from './way.ts'
import type { Way } from './way.ts'

/** The server, for people. */
export interface Server {
  /** `the relay at https://hub.example`, `Mattermost at ...` */
  name: string
  /** `http:` or `https:`. */
  protocol: string
  /** The variable with its address. */
  setting: string
}

type Name = keyof typeof errors.sentences
const NAMES: Readonly<Record<string, string>> = errors.connections
const isName = (name: string): name is Name => Object.hasOwn(errors.sentences, name)
/** Errors that a proxy causes, if there is one. */
const OF_PROXY: ReadonlySet<string> = new Set(errors.ofProxy)
/** What Node needs to trust another certificate authority. */
const TRUST = 'NODE_EXTRA_CA_CERTS'
const SECONDS = limits.request.connectMs / 1000

/**
 * @param error - As Node throws it, with a `code`.
 * @param way - Undefined if there is none because of the error.
 */
export function unreached(
  server: Server,
  error: unknown,
  way?: Pick<Way, 'proxy' | 'refusal'>,
): string {
  if (error instanceof BadProxy) return error.message
  const why = codeOf(error) ?? (Error.isError(error) ? error.name : 'unknown')
  const proxy = way?.proxy
  const values = { why, trust: TRUST, seconds: SECONDS }
  if (proxy !== undefined) {
    if (why === 'ERR_PROXY_TUNNEL') return proxyRefuses(server, proxy, way?.refusal)
    if (OF_PROXY.has(why)) {
      const name = sentence('theProxy', { proxy: proxy.url.origin })
      const { setting } = proxy
      return sentence(nameOf(why, proxy.url.protocol), { ...values, server: name, setting })
    }
  }
  const { name, protocol, setting } = server
  return sentence(nameOf(why, protocol), { ...values, server: name, setting })
}

/** @param status - Of the proxy's answer; undefined if it broke the connection. */
export function proxyRefuses(
  server: Server,
  { url, setting }: NonNullable<Way['proxy']>,
  status: number | undefined,
): string {
  const proxy = url.origin
  return status === 407
    ? sentence('proxyLogin', { proxy, setting })
    : sentence('proxyRefuses', { proxy, setting, server: server.name, why: status ?? 'no answer' })
}

function nameOf(code: string, protocol: string): Name {
  const known = NAMES[code.startsWith('HPE_') ? 'HPE_INVALID_CONSTANT' : code]
  if (known !== undefined && isName(known)) return known
  return protocol === 'http:' && code === 'ECONNRESET' ? 'brokePlain' : 'brokeConnection'
}
