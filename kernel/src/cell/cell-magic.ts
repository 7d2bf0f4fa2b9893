// Whether a magic takes the whole cell: `%%name` on its first line, apart from comments. Read from
// the text alone, without the parser.
import { endOfLine } from './lexer.ts'
import { positionAt } from './position.ts'

export interface CellMagic {
  /** Maybe unknown: no TypeScript begins with `%%`. */
  name: string
  /** The text after the name; `?` asks for help. */
  line: string
  /** The cell below the magic's line, all of its lines. */
  body: string
  /** 1-based line of the magic; the body begins on the next. */
  lineNumber: number
}

const leading = /^(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/)*/
const cellMagic =
  /^(?:%%([\p{L}_][\p{L}\p{N}_-]*)(\?[ \t]*$|(?=[ \t]|$))|\?%%([\p{L}_][\p{L}\p{N}_-]*)[ \t]*$)/u

/** The `%%name` that takes the whole cell, if its first line is one. */
export function parseCellMagic(source: string): CellMagic | undefined {
  const start = leading.exec(source)?.[0].length ?? 0
  const lineStart = Math.max(
    ...Array.from('\n\r\u2028\u2029', (end) => source.lastIndexOf(end, start - 1) + 1),
  )
  if (start > 0 && source.slice(lineStart, start).trim() !== '') return undefined
  const end = endOfLine(source, start)
  const text = source.slice(start, end)
  const found = cellMagic.exec(text)
  if (!found) return undefined
  const [matched, name = '', mark, asked] = found
  const line = text.slice(matched.length).trimStart()
  const isHelp = mark !== '' || asked !== undefined || asksForHelp(line)
  const width = source.startsWith('\r\n', end) ? 2 : 1
  return {
    name: asked ?? name,
    line: isHelp ? '?' : line,
    body: source.slice(end + width),
    lineNumber: positionAt(source, start).line,
  }
}

/** On its line, this asks for the help of a magic, as `?` behind the name does. */
export function asksForHelp(line: string): boolean {
  return line.trimEnd() === '--help'
}
