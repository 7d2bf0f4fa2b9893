// Which columns of a table are numbers, so that they are aligned right. It imports nothing, because
// the inbox page uses it too.

/** What stands in a column of numbers where there is none: a gap, or rows that are not shown. */
const NO_NUMBER = new Set(
  '|...|…|⋮|⋯|-|–|—|NaN|nan|NaT|<NA>|NA|N/A|n/a|null|None|undefined'.split('|'),
)
const INFINITE = /^[-+\u2212]?(?:inf|Infinity|∞)$/
const NUMBER = /^[-+\u2212]?\p{Sc}?[-+\u2212]?(?:\d[\d_,' ]*(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/iu
/** Longer text is no number that somebody compares with the ones above it. */
const LONGEST = 60

/** The side of each column: right if it has numbers and otherwise only gaps. */
export function sidesOf(width: number, rows: Iterable<readonly string[]>): ('left' | 'right')[] {
  const kinds = Array<'empty' | 'numbers' | 'text'>(width).fill('empty')
  for (const cells of rows) {
    for (const [column, cell] of cells.entries()) {
      if (kinds[column] === 'text') continue
      const text = cell.trim()
      if (NO_NUMBER.has(text)) continue
      kinds[column] = isNumber(text) ? 'numbers' : 'text'
    }
  }
  return kinds.map((kind) => (kind === 'numbers' ? 'right' : 'left'))
}

export function isNumber(text: string): boolean {
  if (text.length > LONGEST) return false
  return INFINITE.test(text) || NUMBER.test(text.replace(/%$/, '').trimEnd())
}
