// The part of HTML that counts as text (docs/spec.md 2.5). Found in one pass and without a parser,
// so that every client counts as the relay does. Where it differs from what a parser shows, the
// parser shows less.

/**
 * `<` and the character that makes it a tag, a comment or a declaration; a parser shows any other
 * `<` as text.
 */
const MARKUP = /<[a-zA-Z/!?]/g
/** Elements whose content is not shown. */
const SILENT = /<(?:style|script)(?![\w-])/iy
const SILENT_END = /<\/(?:style|script)/gi
const SPACE = /[ \t\n\f\r]+/g

/**
 * The text outside `<...>`, `<style>` and `<script>`, with each run of white space as one blank.
 * Markup that does not end reaches to the end of the text.
 */
export function textOutsideTags(html: string): string {
  const parts: string[] = []
  let from = 0
  for (let at = indexOf(MARKUP, html, 0); at !== -1; at = indexOf(MARKUP, html, from)) {
    parts.push(html.slice(from, at))
    SILENT.lastIndex = at
    const inner = SILENT.test(html) ? indexOf(SILENT_END, html, at + 1) : at
    const end = inner === -1 ? -1 : html.indexOf('>', inner)
    from = end === -1 ? html.length : end + 1
  }
  parts.push(html.slice(from))
  return parts.join('').replaceAll(SPACE, ' ')
}

function indexOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? -1
}
