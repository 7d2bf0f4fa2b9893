// Which lines of a cell are magics, by the lexer's rule: the `%name` of a known magic comes first
// on a line, outside templates, strings, comments, regular expressions and open brackets. The line
// before needs no `;`.
import { asksForHelp } from './cell-magic.ts'
import { codeLine } from './code-line.ts'
import type { CodeFlag, CodeLine } from './code-line.ts'
import { InterpolationError, interpolation } from './interpolation.ts'
import type { Fill } from './interpolation.ts'
import { endOfLine, scanLines } from './lexer.ts'
import type { LineStart } from './lexer.ts'
import { positionAt } from './position.ts'

/** What the scanner must know about a magic. */
export interface MagicSyntax {
  line: boolean
  cell: boolean
  /** The text of its line is code, after these flags. It is plain data, for the canary. */
  code?: readonly CodeFlag[]
  /** As the last line of a cell, it gives the cell's value. */
  hasValue?: boolean
}

/** The magics there are, by name. */
export type KnownMagics = Pick<ReadonlyMap<string, MagicSyntax>, 'get' | 'has'> & {
  /** Undefined if any name is a magic. */
  keys?(): Iterable<string>
}

export interface LineMagic {
  name: string
  /** The text after the name, without the blanks between; `?` asks for help. */
  line: string
  lineNumber: number
  /** Offsets of the magic in the cell: from its `%` to the end of its line. */
  start: number
  end: number
  /** Offset of `line` in the cell. */
  lineStart: number
  pieces: string[]
  /** Offsets in `line`. */
  fills: Fill[]
  /** Undefined unless the text is code. */
  code?: CodeLine
  /** Body of an `if (...)` or `else` without braces. */
  isBody: boolean
}

/** It would be a magic if no bracket were open; it is modulo if the cell parses that way. */
export interface BracketedLine {
  name: string
  lineNumber: number
  offset: number
}

export interface MagicScan {
  magics: LineMagic[]
  bracketed: BracketedLine[]
}

const candidate = /(?:^|[\n\r\u2028\u2029])[^\S\n\r\u2028\u2029]*(?:%[\p{L}_]|\?%|! )/u
const named = /^%([\p{L}_][\p{L}\p{N}_-]*)(\?[ \t]*$|(?=[ \t]|$))/u
const help = /^\?%{1,2}([\p{L}_][\p{L}\p{N}_-]*)[ \t]*$/u

/** @throws {InterpolationError} with the offset in the cell, for `${...}` without expression. */
export function scanMagics(source: string, magics: KnownMagics): MagicScan {
  const scan: MagicScan = { magics: [], bracketed: [] }
  if (!candidate.test(source)) return scan
  let counted = { offset: 0, line: 1 }
  scanLines(source, (line) => {
    if (!'%!?'.includes(source.charAt(line.offset))) return undefined
    const end = endOfLine(source, line.offset)
    const found = magicAt(source.slice(line.offset, end), line, magics)
    if (!found) return undefined
    const passed = positionAt(source.slice(counted.offset, line.offset), line.offset)
    counted = { offset: line.offset, line: counted.line + passed.line - 1 }
    const { line: lineNumber } = counted
    if (line.inBrackets) {
      scan.bracketed.push({ name: found.name, lineNumber, offset: line.offset })
      return undefined
    }
    scan.magics.push({
      ...found,
      lineNumber,
      start: line.offset,
      end,
      lineStart: line.offset + found.lineStart,
      isBody: line.isBody,
      ...partsOf(found, line.offset + found.lineStart, magics),
    })
    return end
  })
  return scan
}

interface NamedLine {
  name: string
  line: string
  /** Offset of `line` from the first character of the magic. */
  lineStart: number
}

function magicAt(
  text: string,
  { atStatement }: LineStart,
  magics: KnownMagics,
): NamedLine | undefined {
  if (text.startsWith('! ')) {
    return atStatement && magics.get('sh')?.line ? argumentAfter('sh', text, 1) : undefined
  }
  const [matched, name = '', mark = ''] = named.exec(text) ?? []
  const [, asked] = help.exec(text) ?? []
  if (asked !== undefined && magics.has(asked)) return { name: asked, line: '?', lineStart: 0 }
  const magic = magics.get(name)
  if (!matched || !magic) return undefined
  if (mark !== '') return { name, line: '?', lineStart: matched.indexOf('?') }
  if (!magic.line) return undefined
  const found = argumentAfter(name, text, matched.length)
  return asksForHelp(found.line) ? { ...found, line: '?' } : found
}

type Parts = Pick<LineMagic, 'pieces' | 'fills' | 'code'>

function argumentAfter(name: string, text: string, from: number): NamedLine {
  const line = text.slice(from).trimStart()
  return { name, line, lineStart: text.length - line.length }
}

function partsOf({ name, line }: NamedLine, offset: number, magics: KnownMagics): Parts {
  if (line === '?') return { pieces: [line], fills: [] }
  const flags = magics.get(name)?.code
  if (flags) return { pieces: [line], fills: [], code: codeLine(line, flags) }
  try {
    return interpolation(line)
  } catch (error) {
    if (!(error instanceof InterpolationError)) throw error
    throw new InterpolationError(error.message, offset + error.offset)
  }
}
