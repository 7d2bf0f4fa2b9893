// Formulas on lines of their own: from `$$` at the start of a line to `$$` at the end of one, or an
// environment from `\begin` to `\end`. What is between is no markdown.
import type MarkdownIt from 'markdown-it'

type Markdown = InstanceType<typeof MarkdownIt>

/** Formulas are short: a longer search would make the cost of lone dollars quadratic. */
const MOST_LINES = 100
const BEGIN = /^\\begin\{([A-Za-z]{1,40}\*?)\}/

export function addBlockMath(markdown: Markdown): void {
  markdown.block.ruler.before(
    'fence',
    'math_block',
    (state, start, end, silent) => {
      const lineAt = (n: number) =>
        state.src.slice((state.bMarks[n] ?? 0) + (state.tShift[n] ?? 0), state.eMarks[n]).trimEnd()
      const first = lineAt(start)
      // Text that is indented this far is code.
      if ((state.sCount[start] ?? 0) - state.blkIndent >= 4) return false
      const marks = marksOf(first)
      if (!marks) return false
      const last = Math.min(end, start + MOST_LINES)
      let line = start
      while (line < last && !isLast(lineAt(line), marks, line === start)) line += 1
      if (line >= last) return false
      if (silent) return true
      const lines = Array.from({ length: line - start + 1 }, (_, n) => lineAt(start + n)).join('\n')
      const token = state.push('math_block', '', 0)
      token.content = lines.slice(marks.hidden, lines.length - marks.hidden).trim()
      token.map = [start, line + 1]
      state.line = line + 1
      return true
    },
    { alt: ['paragraph', 'reference', 'blockquote', 'list'] },
  )
}

interface Marks {
  start: string
  end: string
  /** How much of them is not TeX. */
  hidden: number
}

function marksOf(line: string): Marks | undefined {
  if (line.startsWith('$$')) return { start: '$$', end: '$$', hidden: 2 }
  const [begin, name = ''] = BEGIN.exec(line) ?? []
  return begin === undefined ? undefined : { start: begin, end: `\\end{${name}}`, hidden: 0 }
}

function isLast(line: string, { start, end }: Marks, isFirst: boolean): boolean {
  return line.endsWith(end) && (!isFirst || line.length >= start.length + end.length)
}
