// Errors of types as people read them, as those of syntax: what a compiler says, and the code with
// a caret.
import { codeFrame } from '../cell/code-frame.ts'
import type { ErrorContent } from '../protocol/mimebundle.ts'
import { COLOURS, NO_COLOURS, painted } from './painted.ts'
import type { Paint } from './painted.ts'

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
  return `${linesOf(problems, cell, isPlain ? NO_COLOURS : COLOURS).join('\n')}\n`
}

/** Of a cell that therefore does not run. */
export function typeErrorContent(
  problems: readonly TypeProblem[],
  cell: CheckedCell,
): ErrorContent {
  const [first] = problems
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  const evalue = first ? `TS${first.code}: ${cut(first.message)}${others}` : ''
  const name = COLOURS.bold(COLOURS.red(NAME))
  return {
    ename: NAME,
    evalue,
    traceback: [name, ...linesOf(problems, cell, COLOURS), `${name}: ${evalue}`],
  }
}

function linesOf(problems: readonly TypeProblem[], cell: CheckedCell, paint: Paint): string[] {
  const lines = problems.slice(0, MOST).flatMap((problem) => shown(problem, cell, paint))
  const left = problems.length - MOST
  const rest = `and ${left} more type error${left === 1 ? '' : 's'}`
  return left > 0 ? [...lines, paint.dim(rest)] : lines
}

function shown(
  problem: TypeProblem,
  { executionCount, source }: CheckedCell,
  paint: Paint,
): string[] {
  const { code, message, line, column } = problem
  const where = paint.bold(`In [${executionCount}], line ${line}, column ${column + 1}`)
  return [
    `${paint.bold(paint.red(`error TS${code}`))}: ${cut(message)}`,
    `    at ${where}`,
    painted(codeFrame(source, problem), paint),
  ]
}

function cut(message: string): string {
  return message.length > MESSAGE ? `${message.slice(0, MESSAGE)}...` : message
}
