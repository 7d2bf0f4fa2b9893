// How people are named in the relay: by their name at the Hub. The Hub allows no slash in a user's
// name (Authenticator.validate_username), so the other two forms can be nobody's:
// `service/NAME` is a service of the Hub, `NAME/2` the second person with that name.

export const SERVICE = 'service/'

/** @param n - From 1: people of one name after each other. */
export function holderName(hubName: string, n: number): string {
  if (n === 1) return hubName
  // `service/2` would be a service named 2; no service's name begins with a slash.
  return hubName === 'service' ? `${SERVICE}/${n}` : `${hubName}/${n}`
}

/** The name at the Hub, which somebody else may have had before. */
export function hubNameOf(name: string): string {
  const later = name.startsWith(SERVICE) ? null : /^([^/]+)\/\d+$/.exec(name)
  return later?.[1] ?? name
}

/** Whether this is somebody whose name at the Hub was another's before, as far as is known. */
export function isLaterHolder(name: string): boolean {
  return hubNameOf(name) !== name
}
