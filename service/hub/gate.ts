// The port that tells who is asking: by the Hub, or by the local relay's own token.
import type { IncomingHttpHeaders } from 'node:http'

import type { Person } from '../chat/chat.ts'

/**
 * `reply`: to answer a post, as on the inbox page. `details`: what `/ready` says to admins.
 * `metrics`: numbers about the whole relay.
 */
export type Use = 'read' | 'write' | 'reply' | 'details' | 'metrics'

export interface Gate {
  /**
   * Who asks. Cookies count for nothing: on a Hub the servers of all users share its origin, and on
   * one machine all ports share cookies. The page of a local relay has its own secret, which allows
   * `read` and `reply`.
   * @param address - Where the request comes from (address.ts).
   * @throws {RelayError} `no_token`, `bad_token`, `bad_key`, `not_granted`, `hub_away`, `too_many`
   */
  identify(headers: IncomingHttpHeaders, use: Use, address?: string): Promise<Person>
}

/**
 * The token of `Authorization: token X` or `Bearer X`, in any case. Never read from the address:
 * addresses end up in logs.
 */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  return /^(?:token|bearer) +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}
