// The port to whoever says who is asking: the Hub, or the local relay's own token.
import type { IncomingHttpHeaders } from 'node:http'

import type { Person } from '../chat/chat.ts'

/** `reply`: to say something to a post, as the inbox page does. */
export type Use = 'read' | 'write' | 'reply'

export interface Gate {
  /**
   * Who asks. No cookie is good for anything: on a Hub the servers of all users share its origin, and on one machine all ports share
   * cookies. The page of a local relay has a secret of its own, by which it may `read` and `reply`.
   * @throws {RelayError} `no_token`, `bad_token`, `bad_key`, `not_granted`, `hub_away`
   */
  identify(headers: IncomingHttpHeaders, use: Use): Promise<Person>
}

/** The token of `Authorization: token X` or `Bearer X`, whatever the case of the scheme. Never of the address: those end in logs. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  return /^(?:token|bearer) +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}
