// Whether Enter runs the cell or begins a new line, as consoles ask. The parser decides: a cell is
// incomplete if what the parser misses is at its very end; a mistake before the end stays a
// mistake, whatever follows.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#code-completeness
import type { Program } from 'oxc-parser'
import { CellSyntaxError } from './compiled.ts'
import { withoutTypeParameters } from './generic-arrow.ts'
import { parseCell } from './leading-object.ts'
import { placeMagics } from './magic-placement.ts'
import { parseCellMagic } from './cell-magic.ts'
import type { CellMagic } from './cell-magic.ts'
import { nextIndent, sameIndent } from './indent.ts'
import type { KnownMagics } from './magic-scanner.ts'
import type { ParseError, ParseOptions } from './parse.ts'

export interface Completeness {
  status: 'complete' | 'incomplete' | 'invalid'
  /** Blanks that begin the next line; empty unless incomplete. */
  indent: string
}

/** Takes any `%name` for a magic: nobody types modulo at the start of a line. */
const anyMagic: KnownMagics = { get: () => ({ line: true, cell: true }), has: () => true }

export function isComplete(
  code: string,
  magics: KnownMagics = anyMagic,
  options: ParseOptions = {},
): Completeness {
  const cell = parseCellMagic(code)
  return cell ? judgeCellMagic(cell, magics, options) : judge(code, magics, options)
}

/** Cell magics whose body is TypeScript; others, and those of notebooks, take any text. */
const OF_CODE = new Set(['post', 'time', 'timeit'])

/** As in IPython, a blank line ends it; it does not where the code below still goes on. */
function judgeCellMagic(
  { name, line, body }: CellMagic,
  magics: KnownMagics,
  options: ParseOptions,
): Completeness {
  if (line === '?') return { status: 'complete', indent: '' }
  const isEnded = body !== '' && /[\n\r][ \t]*$|^[ \t]*[\n\r]/.test(body)
  if (!OF_CODE.has(name)) {
    return isEnded
      ? { status: 'complete', indent: '' }
      : { status: 'incomplete', indent: sameIndent(body) }
  }
  const below = isComplete(body, magics, options)
  if (below.status === 'incomplete') return below
  return isEnded
    ? { status: 'complete', indent: '' }
    : { status: 'incomplete', indent: sameIndent(body) }
}

function judge(code: string, magics: KnownMagics, options: ParseOptions): Completeness {
  let typed: string
  try {
    typed = placeMagics(code, magics).text
  } catch (error) {
    if (error instanceof CellSyntaxError) return { status: 'invalid', indent: '' }
    throw error
  }
  const { program, text, error } = parsed(typed, options)
  if (error ? canGoOn(error, text, options) : lacksBody(program, text)) {
    return { status: 'incomplete', indent: isOpenText(error) ? '' : nextIndent(code) }
  }
  return { status: error ? 'invalid' : 'complete', indent: '' }
}

/** How many generic arrow functions near the end are told from type assertions. */
const GENERICS = 8

/** To the parser, a generic arrow function without its end is a type assertion, and wrong. */
function parsed(typed: string, options: ParseOptions): { text: string } & Judged {
  const { program, text, errors } = parseCell(typed, options)
  const [error] = errors
  let [plain, wrong]: [string | undefined, ParseError | undefined] = [typed, error]
  for (let count = 0; count < GENERICS && wrong && !isAtEnd(wrong, typed); count++) {
    plain = withoutTypeParameters(plain, wrong.labels[0]?.start ?? 0)
    if (plain === undefined) return { program, text, error }
    wrong = parseCell(plain, options).errors[0]
  }
  return { program, text, error: wrong ?? error }
}

interface Judged {
  program: Program
  /** The first error. */
  error: ParseError | undefined
}

function canGoOn(error: ParseError, text: string, options: ParseOptions): boolean {
  return isAtEnd(error, text) || lacksResult(text, options) || lacksEndTag(text, options)
}

/** Errors that span what was typed so far, about something that can still go on. */
const goesOn =
  /^(?:Missing initializer|Identifier expected|Dynamic imports|The keyword 'let'|An overload sig)/

function isAtEnd(error: ParseError, text: string): boolean {
  if (isOpenText(error, text)) return true
  const end = text.trimEnd().length
  const [label] = error.labels
  if (!label || label.end < end) return false
  if (goesOn.test(error.message)) return text[end - 1] !== ';'
  return label.start === label.end && error.message !== 'Unexpected end of file'
}

/** An open template or comment; a string cannot go on in the next line. */
function isOpenText(error: ParseError | undefined, text?: string): boolean {
  if (error?.message === 'Unterminated multiline comment') return true
  if (error?.message !== 'Unterminated string') return false
  const opening = text?.[error.labels[0]?.start ?? 0]
  return opening === undefined || opening === '`' || opening === '}'
}

/** `function f()` is an overload for the parser; the person has yet to type its `{`. */
function lacksBody(program: Program, text: string): boolean {
  const last = program.body.at(-1)
  return last?.type === 'TSDeclareFunction' && !last.declare && text[last.end - 1] !== ';'
}

/** An arrow function that still lacks its result. */
function lacksResult(text: string, options: ParseOptions): boolean {
  const end = text.trimEnd()
  return end.endsWith('=>') && parseCell(`${end} 0`, options).errors.length === 0
}

/** An element that can still be closed: the parser calls its last text wrong. */
function lacksEndTag(text: string, options: ParseOptions): boolean {
  if (!text.includes('<')) return false
  const [error] = parseCell(`${text}</`, options).errors
  return (error?.labels[0]?.start ?? 0) >= text.length + 2
}
