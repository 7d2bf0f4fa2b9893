// Whether a text is an SVG document: its first element, after declaration, comments and document
// type, decides. Each step starts where the last one ended, so the time is linear for any text.

/** `out of sight`: the text ends before its first element. */
export type Root = 'svg' | 'other' | 'out of sight'

export function rootOf(text: string): Root {
  let at = text.startsWith('\uFEFF') ? 1 : 0
  for (;;) {
    const start = skipSpace(text, at)
    if (start >= text.length) return start === 0 ? 'other' : 'out of sight'
    const end = prologEnd(text, start)
    if (end === undefined) return isSvgTag(text, start) ? 'svg' : 'other'
    if (end === -1) return 'out of sight'
    at = end
  }
}

/**
 * The index after the `<?...?>`, `<!--...-->` or `<!DOCTYPE...>` at `at`; -1 if it has no end,
 * undefined if none of them is there.
 */
function prologEnd(text: string, at: number): number | undefined {
  if (text.startsWith('<!--', at)) return after(text, '-->', at + 4)
  if (text.startsWith('<?', at)) return after(text, '?>', at + 2)
  return /^<!doctype$/i.test(text.slice(at, at + 9)) ? doctypeEnd(text, at + 9) : undefined
}

/** `<svg`, `<s:svg`. */
function isSvgTag(text: string, start: number): boolean {
  const name = /^<([^\s<>/"'=]{1,100})[\s/>]/.exec(text.slice(start, start + 102))?.[1]
  return name?.slice(name.indexOf(':') + 1).toLowerCase() === 'svg'
}

/**
 * The index after the `>` of a document type, whose quotes, comments and `[…]` may contain other
 * `>`.
 * @returns -1 if it never ends.
 */
function doctypeEnd(text: string, start: number): number {
  let inside = false
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === '"' || character === "'") {
      at = text.indexOf(character, at + 1)
      if (at === -1) return -1
    } else if (text.startsWith('<!--', at)) {
      at = after(text, '-->', at + 4) - 1
      if (at < 0) return -1
    } else if (character === '[') inside = true
    else if (character === ']') inside = false
    else if (character === '>' && !inside) return at + 1
  }
  return -1
}

/** @returns The index after the next `mark`; -1 if there is none. */
function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  return found === -1 ? -1 : found + mark.length
}

/** White space as XML defines it. */
function skipSpace(text: string, from: number): number {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? 'x')) at++
  return at
}
