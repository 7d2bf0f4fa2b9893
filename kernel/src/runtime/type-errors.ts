// Errors of types as people read them, as those of syntax: what a compiler says, and the code with
// a caret.
import { stripVTControlCharacters } from 'node:util'
import { codeFrame } from '../cell/code-frame.ts'
import type { ErrorContent } from '../protocol/mimebundle.ts'
import { bold, dim, painted, red } from './painted.ts'

/** Shown of one cell; characters of one message. */
const MOST = 5
const MESSAGE = 1500

const NAME = 'TypeScriptError'

/** An error as the checker tells it: `code` as in `TS2322`, `line` 1-based, `column` 0-based. */
export interface TypeProblem {
  code: number
  message: string
  line: number
  column: number
}

/** @param source - The cell as typed. */
export interface CheckedCell {
  executionCount: number
  source: string
}

/** With a line end. @param isPlain - Without colours. */
export function typeWarning(
  problems: readonly TypeProblem[],
  cell: CheckedCell,
  isPlain: boolean,
): string {
  const text = `${linesOf(problems, cell).join('\n')}\n`
  return isPlain ? stripVTControlCharacters(text) : text
}

/** Of a cell that therefore does not run. */
export function typeErrorContent(
  problems: readonly TypeProblem[],
  cell: CheckedCell,
): ErrorContent {
  const [first] = problems
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  const evalue = first ? `TS${first.code}: ${cut(first.message)}${others}` : ''
  const name = bold(red(NAME))
  return {
    ename: NAME,
    evalue,
    traceback: [name, ...linesOf(problems, cell), `${name}: ${evalue}`],
  }
}

function linesOf(problems: readonly TypeProblem[], cell: CheckedCell): string[] {
  const lines = problems.slice(0, MOST).flatMap((problem) => shown(problem, cell))
  const left = problems.length - MOST
  return left > 0 ? [...lines, dim(`and ${left} more type error${left === 1 ? '' : 's'}`)] : lines
}

function shown(problem: TypeProblem, { executionCount, source }: CheckedCell): string[] {
  const { code, message, line, column } = problem
  const where = bold(`In [${executionCount}], line ${line}, column ${column + 1}`)
  return [
    `${bold(red(`error TS${code}`))}: ${cut(message)}`,
    `    at ${where}`,
    painted(codeFrame(source, problem)),
  ]
}

function cut(message: string): string {
  return message.length > MESSAGE ? `${message.slice(0, MESSAGE)}...` : message
}
