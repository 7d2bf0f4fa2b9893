// SVG inside a text, found in one pass: where its tags stand. Text that only looks like SVG costs
// no more than its size.

/** `<svg ...>`, `<svg ... />` or `</svg>`. `start` and `end` are offsets in the text. */
export interface SvgTag {
  kind: 'opening' | 'empty' | 'closing'
  start: number
  /** The offset after its `>`. */
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
