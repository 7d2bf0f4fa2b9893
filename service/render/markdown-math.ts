// Formulas as a rule of the markdown parser, for the relay and the inbox page alike.
import type MarkdownIt from 'markdown-it'
import { formulaAt } from './dollars.ts'

type Markdown = InstanceType<typeof MarkdownIt>

/** UTF-16 units of one formula. */
const MOST_TEX = 5000

/** `$...$` and `$$...$$`. */
export function addMath(markdown: Markdown): void {
  markdown.inline.ruler.before('escape', 'math', (state, silent) => {
    const { src, pos, posMax } = state
    const formula = src[pos] === '$' ? formulaAt(src, pos, posMax, MOST_TEX) : undefined
    if (!formula) return false
    if (!silent) {
      const token = state.push('math', '', 0)
      token.content = formula.tex
      token.markup = formula.mark
    }
    state.pos = formula.end
    return true
  })
}
