// Offsets of a cell as positions of its virtual document, which has one line before it.
import type { Position } from './messages.ts'

/** Lines as the Language Server Protocol counts them. */
const lineEnd = /\r\n|[\n\r]/g

/** The cell, below the line with its imports. */
export function documentText(imports: string, code: string): string {
  return `${imports}\n${code}`
}

export function positionOf(code: string, offset: number): Position {
  let line = 1
  let start = 0
  for (const match of code.matchAll(lineEnd)) {
    const next = match.index + match[0].length
    if (next > offset) break
    line += 1
    start = next
  }
  return { line, character: offset - start }
}

/** Undefined if it is not in the cell. */
export function offsetOf(code: string, { line, character }: Position): number | undefined {
  if (line < 1) return undefined
  let start = 0
  let left = line - 1
  for (const match of code.matchAll(lineEnd)) {
    if (left === 0) break
    left -= 1
    start = match.index + match[0].length
  }
  return left === 0 ? start + character : undefined
}
