// An error as people read it: the cell's own name, line and code with a caret, causes, members of an AggregateError; frames of Node and
// of this kernel folded. Generated positions are mapped to what the person typed.
import type { CompiledCell } from '../cell/compiled.ts'
import type { ErrorContent } from '../protocol/mimebundle.ts'
import type { Place, ThrownError } from './link.ts'
import { isInternal, parseStack, placeBefore } from './stack-frames.ts'
import type { Frame } from './stack-frames.ts'

export interface NumberedCell {
  cell: CompiledCell
  executionCount: number
}

/** Cells by the filename of their script. */
export type CellsByFilename = ReadonlyMap<string, NumberedCell>

/** Lines shown before and after the line of an error; frames shown; characters of a message. */
const AROUND = 2
const FRAMES = 12
const MESSAGE = 4000

// Of the 256: front ends show the 16 in colours of their own, and no such red or cyan of JupyterLab has a contrast of 3 (WCAG 2.2,
// 1.4.11) to its light and its dark background of errors. These two have.
const red = (text: string) => `\u001b[38;5;196m${text}\u001b[39m`
const bold = (text: string) => `\u001b[1m${text}\u001b[22m`
const cyan = (text: string) => `\u001b[38;5;31m${text}\u001b[39m`
const dim = (text: string) => `\u001b[2m${text}\u001b[22m`

export function errorContent(error: ThrownError, cells: CellsByFilename): ErrorContent {
  const traceback = describe(error, cells)
  return { ename: error.name, evalue: error.message, traceback: [...traceback, summaryOf(error)] }
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
      file: `In [${numbered.executionCount}]`,
      line: found.line,
      column: found.column + 1,
    }
  )
}

function summaryOf({ name, message }: ThrownError): string {
  return `${bold(red(name))}: ${cut(message, MESSAGE)}`
}

function describe(error: ThrownError, cells: CellsByFilename): string[] {
  const lines = [summaryOf(error), ...placeLines(error.stack), ...frameLines(error, cells)]
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
  let framed = false
  const fold = () => {
    const { internal, more } = hidden
    if (internal > 0) lines.push(dim(`    ... ${counted(internal, 'internal frame')}`))
    if (more > 0) lines.push(dim(`    ... ${counted(more, 'more frame')}`))
    hidden = { internal: 0, more: 0 }
  }
  let last = ''
  let shown = 0
  for (const frame of parseStack(error.stack)) {
    const numbered = cells.get(frame.file) ?? cellNamed(frame.file, cells)
    const position = numbered && positionOf(frame, numbered)
    if (isInternal(frame) || (numbered && !position)) {
      hidden.internal += 1
      continue
    }
    const line = frameLine(frame, numbered && position && { ...position, numbered })
    // A recursion is the same line again and again.
    if (shown >= FRAMES || line === last) {
      hidden.more += 1
      continue
    }
    fold()
    lines.push(line)
    shown += 1
    last = line
    if (numbered && position && !framed) {
      lines.push(codeFrame(numbered.cell.source, position))
      framed = true
    }
  }
  // Internal frames at the end are how the kernel runs a cell: nobody needs them.
  hidden.internal = 0
  fold()
  return lines
}

/** Libraries write stacks anew from what they read: their places of cells are as typed already. */
function cellNamed(file: string, cells: CellsByFilename): NumberedCell | undefined {
  const [, count] = /^In \[(\d+)\]$/.exec(file) ?? []
  return count === undefined
    ? undefined
    : [...cells.values()].findLast((one) => one.executionCount === Number(count))
}

function positionOf({ file, line, column }: Frame, { cell }: NumberedCell) {
  return file === cell.filename ? cell.originalPosition(line, column) : { line, column }
}

function frameLine(
  frame: Frame,
  typed: { line: number; numbered: NumberedCell } | undefined,
): string {
  const isNamed = frame.functionName !== '' && !frame.functionName.startsWith('__jupyterpost')
  const name = isNamed ? bold(frame.functionName) : ''
  if (typed) {
    const where = cyan(`In [${typed.numbered.executionCount}], line ${typed.line}`)
    return `    at ${where}${name && `, in ${name}`}`
  }
  return `    at ${name && `${name} `}${cyan(`${frame.file}:${frame.line}:${frame.column + 1}`)}`
}

/** A file that does not parse. */
function placeLines(stack: string): string[] {
  const place = placeBefore(stack)
  if (!place) return []
  const code = place.code.replaceAll(/^/gm, '      ')
  return [`    at ${cyan(`${place.file}:${place.line}`)}`, cut(code, MESSAGE)]
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function cut(text: string, limit: number): string {
  return text.length > limit
    ? `${text.slice(0, limit)}${dim(`... ${text.length - limit} more characters`)}`
    : text
}

function codeFrame(source: string, { line, column }: { line: number; column: number }): string {
  const all = source.split('\n')
  const first = Math.max(1, line - AROUND)
  const last = Math.min(all.length, line + AROUND)
  const width = String(last).length
  const shown: string[] = []
  for (let number = first; number <= last; number++) {
    const text = all[number - 1] ?? ''
    const gutter = `${String(number).padStart(width)} | `
    if (number !== line) {
      shown.push(`      ${dim(gutter)}${text}`)
      continue
    }
    const indent = text.slice(0, column).replaceAll(/[^\t]/g, ' ')
    shown.push(`    ${red('>')} ${gutter}${text}`)
    shown.push(`      ${dim(`${' '.repeat(width)} | `)}${indent}${red('^')}`)
  }
  return shown.join('\n')
}
