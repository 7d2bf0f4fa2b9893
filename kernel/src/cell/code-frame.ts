// A few lines of source around a position, with a caret below it, for syntax errors and
// tracebacks. Plain text; a line too long for a screen is cut around the caret.

export interface CodeFrameOptions {
  /** Lines shown before and after; default 2. */
  context?: number
}

const widest = 120

/** `line` is 1-based, `column` 0-based in UTF-16 units; both are clamped to the source. */
export function codeFrame(
  source: string,
  position: { line: number; column: number },
  { context = 2 }: CodeFrameOptions = {},
): string {
  const lines = source.split(/\r\n|[\n\r\u2028\u2029]/)
  const at = Math.min(Math.max(position.line, 1), lines.length)
  const first = Math.max(at - context, 1)
  const last = Math.min(at + context, lines.length)
  const gutter = String(last).length
  const column = Math.min(Math.max(position.column, 0), (lines[at - 1] ?? '').length)
  const cut = column > widest - 20 ? column - Math.floor(widest / 2) : 0
  const frame: string[] = []
  for (let number = first; number <= last; number++) {
    const text = clip(lines[number - 1] ?? '', cut)
    const label = String(number).padStart(gutter)
    const mark = number === at ? '> ' : '  '
    frame.push(`${mark}${label} | ${text}`.trimEnd())
    if (number === at) {
      const indent = blank(clip((lines[at - 1] ?? '').slice(0, column), cut))
      frame.push(`  ${' '.repeat(gutter)} | ${indent}^`)
    }
  }
  return frame.join('\n')
}

function clip(line: string, cut: number): string {
  const start = cut > 0 ? `…${line.slice(cut + 1)}` : line
  return start.length > widest ? `${start.slice(0, widest)}…` : start
}

/** As wide as the text on a terminal: tabs stay tabs, a surrogate pair is one cell. */
function blank(text: string): string {
  return Array.from(text, (character) => (character === '\t' ? '\t' : ' ')).join('')
}
