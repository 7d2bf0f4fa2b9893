// HTML as tags and text, in one pass in linear time: hostile or broken HTML costs no more than its
// size.

import { Math } from '../contract/primordials.ts'

export type HtmlPart =
  | { kind: 'text'; text: string }
  | { kind: 'tag'; name: string; closing: boolean; attributes: string }

const TAG_NAME = /(\/?)([a-zA-Z][\w-]*)/y

/** Comments are left out; an unclosed comment or tag swallows the rest, as in a browser. */
export function* scanHtml(html: string): Generator<HtmlPart> {
  let from = 0
  let at = html.indexOf('<')
  while (at !== -1) {
    if (html.startsWith('<!', at) || html.startsWith('<?', at)) {
      yield { kind: 'text', text: html.slice(from, at) }
      const mark = html.startsWith('<!--', at) ? '-->' : '>'
      const end = html.indexOf(mark, at + 2)
      if (end === -1) return
      from = end + mark.length
    } else {
      TAG_NAME.lastIndex = at + 1
      const name = TAG_NAME.exec(html)
      if (name) {
        yield { kind: 'text', text: html.slice(from, at) }
        const start = at + 1 + name[0].length
        const end = tagEnd(html, start)
        if (end === -1) return
        yield {
          kind: 'tag',
          name: (name[2] ?? '').toLowerCase(),
          closing: name[1] === '/',
          attributes: html.slice(start, end),
        }
        from = end + 1
      }
    }
    at = html.indexOf('<', Math.max(from, at + 1))
  }
  yield { kind: 'text', text: html.slice(from) }
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
