// SVG inside a text, found in one pass: where its tags stand, and whether the text is nothing else. Text that only looks like SVG
// costs no more than its size.

/** `<svg ...>`, `<svg ... />` or `</svg>`; offsets into the text. */
export interface SvgTag {
  kind: 'opening' | 'empty' | 'closing'
  start: number
  /** Behind its `>`. */
  end: number
}

/** In order. An unclosed tag or quote swallows the rest, as in a browser. */
export function* svgTags(text: string): Generator<SvgTag, void> {
  const name = /<(\/?)svg(?=[\s>/])/gi
  for (let found = name.exec(text); found; found = name.exec(text)) {
    const last = tagEnd(text, name.lastIndex)
    if (last === -1) return
    const kind = found[1] === '/' ? 'closing' : text[last - 1] === '/' ? 'empty' : 'opening'
    yield { kind, start: found.index, end: last + 1 }
    name.lastIndex = last + 1
  }
}

/** Whether `<svg>` is what a document begins with, behind its declaration, comments and document type. */
export function beginsWithSvg(head: string): boolean {
  let at = 0
  for (;;) {
    while (/[\s\uFEFF]/.test(head[at] ?? '')) at += 1
    const end = prologEnd(head, at)
    if (end === undefined) return /^<svg[\s>]/i.test(head.slice(at, at + 5))
    if (end === -1) return false
    at = end
  }
}

/** Behind the `<?...?>`, `<!--...-->` or `<!DOCTYPE...>` at `at`; -1 if that has no end, undefined if none of them is there. */
function prologEnd(text: string, at: number): number | undefined {
  const behind = (mark: string, from: number) => {
    const found = text.indexOf(mark, from)
    return found === -1 ? -1 : found + mark.length
  }
  if (text.startsWith('<?', at)) return behind('?>', at)
  if (text.startsWith('<!--', at)) return behind('-->', at + 4)
  if (!/^<!DOCTYPE/i.test(text.slice(at, at + 9))) return undefined
  const mark = /[[>]/g
  mark.lastIndex = at
  const found = mark.exec(text)
  if (found === null || found[0] === '>') return found === null ? -1 : mark.lastIndex
  // Its own declarations, in brackets.
  const close = text.indexOf(']', mark.lastIndex)
  return close === -1 ? -1 : behind('>', close)
}

/** Index of the `>` that ends a tag, looking past quoted values; -1 if there is none. */
export function tagEnd(html: string, start: number): number {
  for (let index = start; index < html.length; index++) {
    const character = html[index]
    if (character === '>') return index
    if (character === '"' || character === "'") {
      index = html.indexOf(character, index + 1)
      if (index === -1) return -1
    }
  }
  return -1
}
