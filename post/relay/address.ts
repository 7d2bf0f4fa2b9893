// Addresses as people may see them: in logs, in `/ready`, in errors.

/** An address without what stands before its `@` and behind its path, where passwords and tokens are; also of text that is none. */
export function shownAddress(text: string): string {
  const url = URL.parse(text)
  if (url && url.host !== '') return `${url.protocol}//${url.host}${url.pathname}`
  // No address: nothing before the last `@`, and nothing after a question mark or a hash.
  const [place = ''] = text.slice(text.lastIndexOf('@') + 1).split(/[?#]/)
  return place
}
