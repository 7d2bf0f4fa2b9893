// Where a request came from, as far as the Hub tells by its token.

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
