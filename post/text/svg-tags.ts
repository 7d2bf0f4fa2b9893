// Finds the tags of SVGs inside a text, in one pass in linear time: text that only looks like SVG
// costs no more than its size.
import { tagEnd } from './html-parts.ts'

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
