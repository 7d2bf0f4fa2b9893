// What the Hub says about a token: whose it is, what it may do, and where it comes from.
import type { Person } from '../chat/chat.ts'

export interface Caller {
  person: Person
  scopes: readonly string[]
  /** By the Hub's own list of admins. Services are none, whatever their scopes. */
  isAdmin: boolean
}

/**
 * For the audit trail: `server alice/lab` for the token of a server, whose scope names it, else
 * `token a5`. Undefined if the Hub tells neither.
 */
export function originOf(
  name: string,
  scopes: readonly string[],
  tokenId: string | undefined,
): string | undefined {
  const start = `access:servers!server=${name}/`
  const servers = scopes.filter((scope) => scope.startsWith(start))
  const [server] = servers
  if (servers.length === 1 && server !== undefined)
    return `server ${server.slice(server.indexOf('=') + 1)}`
  return tokenId === undefined ? undefined : `token ${tokenId}`
}
