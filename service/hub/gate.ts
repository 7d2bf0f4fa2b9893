// The port to whoever says who is asking: the Hub, or the local relay's own token.
import type { IncomingHttpHeaders } from 'node:http'

import type { Person } from '../chat/chat.ts'

/** `reply`: to say something to a post, as the inbox page does. */
export type Use = 'read' | 'write' | 'reply'

export interface Gate {
  /**
   * Who asks. A cookie is good for reading alone: on a Hub the servers of all users share its origin, so a page of theirs could send it.
   * The local relay shares its origin with nobody: its own page may also `reply` with the cookie.
   * @throws {RelayError} `no_token`, `bad_token`, `not_granted`, `hub_away`
   */
  identify(headers: IncomingHttpHeaders, use: Use): Promise<Person>
}

/** The token of `Authorization: token X` or `Bearer X`, whatever the case of the scheme. Never of the address: those end in logs. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  return /^(?:token|bearer) +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}
