// Formulas as a rule of the markdown parser, for the relay and the inbox page alike.
import type MarkdownIt from 'markdown-it'

type Markdown = InstanceType<typeof MarkdownIt>

/** Formulas are short: a longer search would make the cost of lone dollars quadratic. */
const MOST_TEX = 5000

/**
 * `$...$` and `$$...$$`, by pandoc's rule: no space inside the single dollars and no digit after
 * the last one, so that `$5 and $6` are prices.
 */
export function addMath(markdown: Markdown): void {
  markdown.inline.ruler.before('escape', 'math', (state, silent) => {
    const { src, pos } = state
    if (src[pos] !== '$') return false
    const mark = src.startsWith('$$', pos) ? '$$' : '$'
    const start = pos + mark.length
    const end = closingDollar(src, start, mark, state.posMax)
    if (end === -1) return false
    const tex = src.slice(start, end)
    const isSpaced = tex.trim() !== tex
    const isPrice = mark === '$' && (isSpaced || isDigit(src[end + 1] ?? ''))
    if (tex.trim() === '' || isPrice) return false
    if (!silent) {
      const token = state.push('math', '', 0)
      token.content = tex.trim()
      token.markup = mark
    }
    state.pos = end + mark.length
    return true
  })
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}

function closingDollar(src: string, start: number, mark: string, most: number): number {
  const last = Math.min(most, start + MOST_TEX) - mark.length
  for (let at = start; at <= last; at += 1)
    if (src[at] === '\\') at += 1
    else if (src.startsWith(mark, at)) return at
  return -1
}
