// The lines of a source file that have comments, by their text: no other line is looked at by the
// rules for words.
import { parseSync } from 'oxc-parser'

export interface CommentLine {
  /** 1-based. */
  number: number
  /** The whole line, with its indentation and the code before the comment. */
  text: string
}

/** @param path - Its extension tells the language: `.ts`, `.js` or `.py`. */
export function commentLines(path: string, source: string): CommentLine[] {
  const lines = source.split('\n')
  const numbers = path.endsWith('.py') ? pythonLines(lines) : typescriptLines(path, source)
  return [...new Set(numbers)].map((number) => ({ number, text: lines[number - 1] ?? '' }))
}

function typescriptLines(path: string, source: string): number[] {
  const { comments, errors } = parseSync(path, source)
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`)
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length
  return comments.flatMap(({ start, end }) => {
    const [first, last] = [lineOf(start), lineOf(end)]
    return Array.from({ length: last - first + 1 }, (_none, n) => first + n)
  })
}

/** Comments on lines of their own, and docstrings. */
function pythonLines(lines: readonly string[]): number[] {
  let inside: 'docstring' | 'text' | undefined
  return lines.flatMap((line, index) => {
    const start = line.trimStart().startsWith('"""') ? 'docstring' : 'text'
    const quotes = line.split('"""').length - 1
    const kind = inside ?? (quotes > 0 ? start : undefined)
    if (quotes % 2 === 1) inside = inside === undefined ? start : undefined
    const isComment = kind === undefined && line.trimStart().startsWith('#')
    return isComment || kind === 'docstring' ? [index + 1] : []
  })
}
