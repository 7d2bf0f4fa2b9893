// An error as people read it: the cell's own name, line and code with a caret, causes, members of an AggregateError; frames of Node and
// of this kernel folded. Generated positions are mapped to what the person typed.
import type { CompiledCell } from '../cell/compiled.ts'
import type { ErrorContent } from '../protocol/mimebundle.ts'
import type { ThrownError } from './link.ts'

interface Frame {
  functionName: string
  file: string
  /** 1-based. */
  line: number
  /** 0-based. */
  column: number
}

export interface NumberedCell {
  cell: CompiledCell
  executionCount: number
}

/** Cells by the filename of their script. */
export type CellsByFilename = ReadonlyMap<string, NumberedCell>

/** Lines shown before and after the line of an error; frames shown. */
const AROUND = 2
const FRAMES = 12

// Of the 256: front ends show the 16 in colours of their own, and no such red or cyan of JupyterLab has a contrast of 3 (WCAG 2.2,
// 1.4.11) to its light and its dark background of errors. These two have.
const red = (text: string) => `\u001b[38;5;196m${text}\u001b[39m`
const bold = (text: string) => `\u001b[1m${text}\u001b[22m`
const cyan = (text: string) => `\u001b[38;5;31m${text}\u001b[39m`
const dim = (text: string) => `\u001b[2m${text}\u001b[22m`

export function errorContent(error: ThrownError, cells: CellsByFilename): ErrorContent {
  const traceback = describe(error, cells)
  const last = `${bold(red(error.name))}: ${error.message}`
  return { ename: error.name, evalue: error.message, traceback: [...traceback, last] }
}

function describe(error: ThrownError, cells: CellsByFilename): string[] {
  const lines = [`${bold(red(error.name))}: ${error.message}`, ...frameLines(error, cells)]
  if (error.properties) lines.push(dim(error.properties))
  for (const [index, member] of (error.errors ?? []).entries()) {
    lines.push(bold(`Error ${index + 1} of ${error.errors!.length}:`), ...describe(member, cells))
  }
  if (error.cause) lines.push(bold('Caused by:'), ...describe(error.cause, cells))
  return lines
}

function frameLines(error: ThrownError, cells: CellsByFilename): string[] {
  const lines: string[] = []
  let folded = 0
  let shown = 0
  let framed = false
  const fold = () => {
    if (folded > 0)
      lines.push(dim(`    ... ${folded} internal ${folded === 1 ? 'frame' : 'frames'}`))
    folded = 0
  }
  for (const frame of parseStack(error.stack)) {
    const numbered = cells.get(frame.file)
    const position = numbered?.cell.originalPosition(frame.line, frame.column)
    if (isInternal(frame) || (numbered && !position) || shown >= FRAMES) {
      folded += 1
      continue
    }
    fold()
    shown += 1
    const name =
      frame.functionName && !frame.functionName.startsWith('__jupyterpost')
        ? frame.functionName
        : ''
    if (numbered && position) {
      const where = `In [${numbered.executionCount}], line ${position.line}`
      lines.push(`    at ${cyan(where)}${name ? `, in ${bold(name)}` : ''}`)
      if (!framed) lines.push(codeFrame(numbered.cell.source, position))
      framed = true
    } else {
      lines.push(
        `    at ${name ? `${bold(name)} ` : ''}${cyan(`${frame.file}:${frame.line}:${frame.column + 1}`)}`,
      )
    }
  }
  // What is left at the end is how the kernel runs a cell: nobody needs it.
  return lines
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

/** The frames of a V8 stack: `    at [async ]name (file:line:column)` or `    at file:line:column`. */
export function parseStack(stack: string): Frame[] {
  const frames: Frame[] = []
  for (const text of stack.split('\n')) {
    const match = /^\s+at (?:(.*?) \()?(?:async )?(.+?):(\d+):(\d+)\)?$/.exec(text)
    if (!match) continue
    const [, functionName = '', file = '', line, column] = match
    frames.push({
      functionName: functionName
        .replace(/^async /, '')
        .replace(/^(?:Object|globalThis|global)\./, ''),
      file: file.replace(/^file:\/\//, ''),
      line: Number(line),
      column: Number(column) - 1,
    })
  }
  return frames
}

const OWN = new URL('../../../', import.meta.url).pathname

function isInternal({ file }: Frame): boolean {
  return (
    file.startsWith('node:') ||
    file.startsWith(`${OWN}kernel/src/`) ||
    file.startsWith(`${OWN}kernel/src/`.replace('/dist/', '/')) ||
    file === '<anonymous>' ||
    file.startsWith('evalmachine')
  )
}
