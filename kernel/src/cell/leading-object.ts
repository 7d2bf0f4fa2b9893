// A cell that begins with `{ key: 'value' }`: for the language a block with a label, for a person
// at a console an object. We take it for the object wherever that parses, unless the block does
// something.
import { MagicString } from 'magic-string'
import type { Expression, Program, Statement } from 'oxc-parser'
import { separateJsxLines } from './jsx-lines.ts'
import { parseTypeScript } from './parse.ts'
import type { ParseError, ParsedText, ParseOptions } from './parse.ts'
import { mapOf } from './source-map.ts'
import type { MapMaker } from './source-map.ts'

export interface ParsedCell extends ParsedText {
  /** The text that was parsed: with parentheses around the object, if there is one. */
  text: string
  /** Undefined if the text is unchanged. */
  map: MapMaker | undefined
}

/** Turns all that follows into one expression, wherever it ends. */
const OPERAND = '0,'

/** Offsets of errors are those in the given text. */
export function parseCell(text: string, options: ParseOptions = {}): ParsedCell {
  const typed: ParsedCell = { ...parseTypeScript(text, options), text, map: undefined }
  const brace = firstBrace(text)
  if (brace === undefined) return typed.errors.length > 0 ? separated(typed, options) : typed
  if (typed.errors.length === 0 && !isIdle(typed.program)) return typed
  // Nearly always the object is all there is; so a big one is parsed only once.
  const whole = wrapped(text, brace, text.lastIndexOf('}') + 1, options)
  if (whole) return whole
  const probe = parseTypeScript(text.slice(0, brace) + OPERAND + text.slice(brace), options)
  const [error] = probe.errors
  if (error) return furtherIn(typed, error, brace)
  const [first] = probe.program.body
  if (first?.type !== 'ExpressionStatement') return typed
  return wrapped(text, brace, first.expression.end - OPERAND.length, options) ?? typed
}

function separated(typed: ParsedCell, options: ParseOptions): ParsedCell {
  const found = separateJsxLines(typed.text, typed, options)
  if (!found || found.parsed.errors.length > 0) return typed
  const { parsed, edited } = found
  return { ...parsed, text: edited.toString(), map: () => mapOf(edited) }
}

/** With parentheses around the text from `start` to `end`; undefined if that does not parse. */
function wrapped(
  text: string,
  start: number,
  end: number,
  options: ParseOptions,
): ParsedCell | undefined {
  const edited = new MagicString(text)
  edited.appendRight(start, '(').appendLeft(end, ')')
  const object = edited.toString()
  const parsed = parseTypeScript(object, options)
  if (parsed.errors.length > 0) return undefined
  return { ...parsed, text: object, map: () => mapOf(edited) }
}

/** The person meant the reading that parses further. */
function furtherIn(typed: ParsedCell, error: ParseError, brace: number): ParsedCell {
  const [own] = typed.errors
  const labels = error.labels.map(({ start, end }) => ({
    start: start - (start > brace ? OPERAND.length : 0),
    end: end - (end > brace ? OPERAND.length : 0),
  }))
  const isFurther = own && (labels[0]?.start ?? 0) > (own.labels[0]?.start ?? 0)
  return isFurther ? { ...typed, errors: [{ ...error, labels }] } : typed
}

/** Offset of the brace that begins a cell, after blanks and comments. */
function firstBrace(text: string): number | undefined {
  let at = 0
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1
    if (text.startsWith('//', at)) at = after(text, '\n', at)
    else if (text.startsWith('/*', at)) at = after(text, '*/', at + 2)
    else return text.charAt(at) === '{' ? at : undefined
  }
}

function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from)
  return found < 0 ? text.length : found + end.length
}

/** Whether the cell is one block of only names and labelled expressions: keys and values. */
function isIdle({ body: [first, ...rest] }: Program): boolean {
  if (first?.type !== 'BlockStatement') return false
  return rest.every(({ type }) => type === 'EmptyStatement') && first.body.every(isEntry)
}

function isEntry(statement: Statement): boolean {
  switch (statement.type) {
    case 'LabeledStatement': {
      const { body } = statement
      if (body.type === 'BlockStatement') return body.body.every(isEntry)
      return body.type === 'ExpressionStatement' && !body.directive
    }
    case 'ExpressionStatement':
      return isNames(statement.expression)
    default:
      return false
  }
}

function isNames(expression: Expression): boolean {
  if (expression.type === 'SequenceExpression') return expression.expressions.every(isNames)
  return expression.type === 'Identifier'
}
