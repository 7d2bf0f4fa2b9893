// What of HTML counts as text, in one pass and without a parser, so that every client counts as the relay does (docs/spec.md 2.5). Where
// the two differ the parser shows less.

/** `<` and what makes a tag, a comment or a declaration of it; a parser shows any other `<` as it is. */
const MARKUP = /<[a-zA-Z/!?]/g
/** Elements whose content is no text. */
const SILENT = /<(?:style|script)(?![\w-])/iy
const SILENT_END = /<\/(?:style|script)/gi
const SPACE = /[ \t\n\f\r]+/g

/** The text outside `<...>`, `<style>` and `<script>`, each run of white space as one blank. Markup without an end reaches to the end. */
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
