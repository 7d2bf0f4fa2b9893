// An error as people read it: the cell's own name, its line and code with a caret, causes, the
// members of an AggregateError; frames of Node and of this kernel are folded. Generated positions
// are mapped to what the person typed.
import { codeFrame } from '../cell/code-frame.ts'
import type { CellSyntaxError } from '../cell/compiled.ts'
import type { ErrorContent } from '../protocol/mimebundle.ts'
import { constantNamed } from './constants.ts'
import { helpful, joinedLineHint } from './hints.ts'
import type { Place, ThrownError } from './link.ts'
import { titleOf } from './numbered-cell.ts'
import { bold, dim, painted, red } from './painted.ts'
import type { CellsByFilename, NumberedCell } from './numbered-cell.ts'
import { isInternal, isOwnFile, parseStack, placeBefore } from './stack-frames.ts'
import type { FilePlace, Frame } from './stack-frames.ts'

/** Frames shown; characters kept of a message. */
const FRAMES = 12
const MESSAGE = 4000

export function cellErrorContent(error: ThrownError, cells: CellsByFilename): ErrorContent {
  return content(inWords(error, cells), describe(error, cells, joinedLineHint(error, cells)))
}

/**
 * A cell that does not parse.
 *
 * @param title - What it is called: `In [1]`.
 * @param source - As typed; the compiled text lacks a magic's line.
 */
export function syntaxErrorContent(
  error: CellSyntaxError,
  title: string,
  source: string,
): ErrorContent {
  const where = bold(`${title}, line ${error.line}, column ${error.column + 1}`)
  return content(error, [summaryOf(error), `    at ${where}`, painted(codeFrame(source, error))])
}

/**
 * Begins with the error's name and ends with its name and message, as Jupyter's tracebacks do:
 * the last line is what a log or terminal shows at its end. The message is shown once.
 *
 * @param described - Its first line has the name and the message.
 */
function content(error: Pick<ThrownError, 'name' | 'message'>, described: string[]): ErrorContent {
  const below = described.slice(1)
  const lines = below.length > 0 ? [bold(red(error.name)), ...below] : []
  return { ename: error.name, evalue: error.message, traceback: [...lines, summaryOf(error)] }
}

/** A place of a script as the person typed it. */
export function typedPlace(
  { file, line, column }: Place,
  cells: CellsByFilename,
): Place | undefined {
  const numbered = cells.get(file)
  const found = numbered?.cell.originalPosition(line, column - 1)
  return (
    numbered &&
    found && {
      file: titleOf(numbered),
      line: found.line,
      column: found.column + 1,
    }
  )
}

function inWords(error: ThrownError, cells: CellsByFilename): ThrownError {
  return helpful(constantNamed(error, cells), cells)
}

function summaryOf({ name, message }: Pick<ThrownError, 'name' | 'message'>): string {
  return `${bold(red(name))}: ${cut(message.trimEnd(), MESSAGE)}`
}

/** @param hint - A line to add below the frames. */
function describe(thrown: ThrownError, cells: CellsByFilename, hint?: string): string[] {
  const error = inWords(thrown, cells)
  const lines = [summaryOf(error), ...placeLines(error.stack, cells), ...frameLines(error, cells)]
  if (hint !== undefined) lines.push(hint)
  if (error.properties) lines.push(dim(error.properties))
  for (const [index, member] of (error.errors ?? []).entries()) {
    lines.push(bold(`Error ${index + 1} of ${error.errors!.length}:`), ...describe(member, cells))
  }
  if (error.cause) lines.push(bold('Caused by:'), ...describe(error.cause, cells))
  return lines
}

function frameLines(error: ThrownError, cells: CellsByFilename): string[] {
  const lines: string[] = []
  let hidden = { internal: 0, more: 0 }
  // Nobody needs to see how Node looks for a module either.
  let isLoading = false
  let framed = false
  const fold = () => {
    const { internal, more } = hidden
    if (internal > 0 && !isLoading)
      lines.push(dim(`    ... ${counted(internal, 'internal frame')}`))
    if (more > 0) lines.push(dim(`    ... ${counted(more, 'more frame')}`))
    hidden = { internal: 0, more: 0 }
    isLoading = false
  }
  let last = ''
  let shown = 0
  for (const frame of parseStack(error.stack)) {
    // How the kernel serves a magic or a question does not lead to the mistake.
    if (isOwnFile(frame.file)) continue
    const numbered = cells.get(frame.file) ?? cellNamed(frame.file, cells)
    const position = numbered && positionOf(frame, numbered)
    if (isInternal(frame) || (numbered && !position)) {
      hidden.internal += 1
      isLoading ||= frame.file.startsWith('node:internal/modules/')
      continue
    }
    const line = frameLine(frame, numbered && position && { ...position, numbered })
    // A recursion repeats the same line.
    if (shown >= FRAMES || line === last) {
      hidden.more += 1
      continue
    }
    fold()
    lines.push(line)
    shown += 1
    last = line
    if (numbered && position && !framed) {
      lines.push(painted(codeFrame(numbered.cell.source, position)))
      framed = true
    }
  }
  // Internal frames at the end are how the kernel runs a cell: nobody needs them.
  hidden.internal = 0
  fold()
  return lines
}

/** Libraries rewrite stacks that they have read: these already name the cell as typed. */
function cellNamed(file: string, cells: CellsByFilename): NumberedCell | undefined {
  const isTitle = !file.includes('/')
  return isTitle ? [...cells.values()].findLast((one) => titleOf(one) === file) : undefined
}

function positionOf({ file, line, column }: Frame, { cell }: NumberedCell) {
  return file === cell.filename ? cell.originalPosition(line, column) : { line, column }
}

function frameLine(
  frame: Frame,
  typed: { line: number; numbered: NumberedCell } | undefined,
): string {
  const isNamed = frame.functionName !== '' && !frame.functionName.startsWith('__jupyterpost')
  const name = isNamed ? frame.functionName : ''
  if (typed) {
    const where = bold(`${titleOf(typed.numbered)}, line ${typed.line}`)
    return `    at ${where}${name && `, in ${name}`}`
  }
  return `    at ${name && `${name} `}${bold(`${frame.file}:${frame.line}:${frame.column + 1}`)}`
}

/** A file that does not parse. */
function placeLines(stack: string, cells: CellsByFilename): string[] {
  const place = placeBefore(stack)
  if (!place) return []
  const numbered = cells.get(place.file)
  if (numbered) return cellPlaceLines(place, numbered)
  const code = place.code.replaceAll(/^/gm, '      ')
  return [`    at ${bold(`${place.file}:${place.line}`)}`, cut(code, MESSAGE)]
}

/** A cell that our parser accepted and V8 did not. */
function cellPlaceLines({ line, code }: FilePlace, numbered: NumberedCell) {
  const { cell } = numbered
  const title = titleOf(numbered)
  const column = code.slice(code.indexOf('\n') + 1).indexOf('^')
  const position = cell.originalPosition(line, column)
  if (!position) return [`    at ${bold(title)}`]
  const where = bold(`${title}, line ${position.line}`)
  return [`    at ${where}`, painted(codeFrame(cell.source, position))]
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function cut(text: string, limit: number): string {
  return text.length > limit
    ? `${text.slice(0, limit)}${dim(`... ${text.length - limit} more characters`)}`
    : text
}
