// Offsets, lines and columns of a text: lines are 1-based, columns 0-based, both in UTF-16 units.

export interface Position {
  line: number
  column: number
}

const lineEnd = /\r\n|[\n\r\u2028\u2029]/g

/** The position of an offset, by the line terminators of ECMAScript. */
export function positionAt(text: string, offset: number): Position {
  let line = 1
  let start = 0
  for (const match of text.matchAll(lineEnd)) {
    const next = match.index + match[0].length
    if (next > offset) break
    line++
    start = next
  }
  return { line, column: Math.min(offset, text.length) - start }
}
