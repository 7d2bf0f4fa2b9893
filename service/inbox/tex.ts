// TeX as HTML by KaTeX, which may not link, load or style: `trust` off, sizes and macro expansions bounded. What it cannot read stays as
// typed.
import { renderToString } from 'katex'
import { escapeHtml } from './escape-html.ts'

/** Longer formulas are shown as source: KaTeX's time grows faster than their length. */
const MOST_CHARACTERS = 10_000

export function texHtml(tex: string, display: boolean): string {
  const source = `<code class="tex">${escapeHtml(tex)}</code>`
  if (tex.length > MOST_CHARACTERS) return source
  try {
    return renderToString(tex, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      maxSize: 50,
      maxExpand: 1000,
      strict: 'ignore',
    })
  } catch {
    // KaTeX.ParseError, or a RangeError of deep nesting: not TeX that KaTeX knows.
    return source
  }
}
