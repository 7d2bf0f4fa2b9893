// One request to the Hub's API: directly or through the environment's proxy, on a connection of its
// own. Why there is no answer is said in one sentence that names the setting.
import fetch from 'node-fetch'

import { codeOf } from '../../post/contract/error.ts'
import { capitalised } from '../../post/contract/sentence.ts'
import { proxyRefuses, unreached } from '../../post/relay/unreached.ts'
import type { Server } from '../../post/relay/unreached.ts'
import { BadProxy, Way } from '../../post/relay/way.ts'
import type { Certificates } from './certificates.ts'

/** The Hub says who somebody is; nothing that it answers is large. */
const MOST_BYTES = 4 * 1024 * 1024

export interface HubAnswer {
  status: number
  /** Undefined if it is not JSON. */
  body: unknown
}

/** The message is a sentence for the admin, without secrets. */
export class HubUnreached extends Error {
  override name = 'HubUnreached'
}

/** Where the Hub is. */
export interface HubSite {
  /** `JUPYTERHUB_API_URL`, without a slash at its end. */
  apiUrl: string
  /** For a Hub with `internal_ssl`. */
  certificates: Certificates | undefined
}

/** @param token - Whose request it is; without one only the root answers. @throws {HubUnreached} */
export async function askHub(
  { apiUrl, certificates }: HubSite,
  path: string,
  { token, signal }: { token?: string; signal: AbortSignal },
): Promise<HubAnswer> {
  const headers = {
    accept: 'application/json',
    ...(token !== undefined && { authorization: `token ${token}` }),
  }
  const url = new URL(`${apiUrl}${path}`)
  const { origin, protocol } = url
  const server = { name: `the Hub at ${origin}`, protocol, setting: 'JUPYTERHUB_API_URL' }
  let way: Way | undefined
  try {
    way = new Way(url, { certificates })
    const options = { headers, signal, redirect: 'manual', size: MOST_BYTES } as const
    const answer = await fetch(url, { ...options, agent: way.agent })
    const body = parseJson(await answer.text())
    const { status } = answer
    checkProxy(server, way, { status, body })
    return { status, body }
  } catch (error) {
    if (error instanceof HubUnreached) throw error
    throw new HubUnreached(capitalised(reason(server, error, way)), { cause: error })
  } finally {
    way?.close()
  }
}

/** A page may be the proxy's own, but not within TLS, which it cannot see into. */
function checkProxy(server: Server, { proxy }: Way, { status, body }: HubAnswer): void {
  if (proxy === undefined || server.protocol === 'https:' || body !== undefined) return
  throw new HubUnreached(capitalised(proxyRefuses(server, proxy, status)))
}

function reason(server: Server, error: unknown, way: Way | undefined): string {
  const isKnown = error instanceof BadProxy || codeOf(error) !== undefined
  return isKnown ? unreached(server, error, way) : `${server.name} does not answer`
}

/** Undefined for text that is not JSON: the error's message would quote it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // SyntaxError
  }
}
