// Addresses as people may see them: in logs, in `/ready`, in error messages.

/**
 * The address without the parts that may hold passwords and tokens: what is before `@` and after
 * the path. Works for any text.
 */
export function shownAddress(text: string): string {
  const url = URL.parse(text)
  if (url && url.host !== '') return `${url.protocol}//${url.host}${url.pathname}`
  // Not an address: keep what is after the last `@` and before a question mark or a hash.
  const [place = ''] = text.slice(text.lastIndexOf('@') + 1).split(/[?#]/)
  return place
}
