// Assigning to a constant of a cell, told in JavaScript's words: names of cells are properties of
// the global object, so V8 speaks of an object that nobody typed. User code that catches the
// error sees V8's words; only what is shown is changed.
import type { ThrownError } from './link.ts'
import { parseStack } from './stack-frames.ts'
import type { CellsByFilename } from './numbered-cell.ts'

const READ_ONLY = /^Cannot assign to read only property '(.+)' of object '#<Object>'$/
const CONSTANT: ReadonlySet<string> = new Set(['const', 'import', 'using'])

/** The error itself, unless a cell assigned a bare name that a cell declared as constant. */
export function constantNamed(error: ThrownError, cells: CellsByFilename): ThrownError {
  const name = READ_ONLY.exec(error.message)?.[1]
  const [frame] = parseStack(error.stack)
  const thrower = frame && cells.get(frame.file)
  if (name === undefined || !thrower || error.name !== 'TypeError') return error
  const isConstant = [...cells.values()].some(({ cell }) =>
    cell.script.declarations.some((one) => one.name === name && CONSTANT.has(one.kind)),
  )
  const { code } = thrower.cell.script
  return isConstant && isBareName(name, code, frame)
    ? { ...error, message: `Assignment to constant variable: ${name}` }
    : error
}

/** `o.a = 2` gives the same message. V8 points at the name or at the operator behind it. */
function isBareName(name: string, code: string, place: { line: number; column: number }): boolean {
  const lines = code.split(/\r\n|[\n\r\u2028\u2029]/)
  const line = lines[place.line - 1] ?? ''
  const above = lines.slice(0, place.line - 1).join('\n')
  const text = `${above}\n${line.slice(0, place.column)}`.trimEnd()
  const before = line.startsWith(name, place.column)
    ? text
    : text.endsWith(name) && text.slice(0, -name.length)
  return before !== false && !/(?:[\p{ID_Continue}$#]|(?<!\.\.)\.\s*)$/u.test(before)
}
