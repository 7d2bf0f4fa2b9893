// A formula in dollars within lines of markdown, `$x$` or `$$x$$`, by pandoc's rule: no blank
// inside single dollars and no digit after the last, so that `$5 and $6` are prices. It imports
// nothing, because the inbox page uses it too.

export interface DollarFormula {
  tex: string
  mark: '$' | '$$'
  /** Index after it. */
  end: number
}

/**
 * The formula that begins at this dollar; undefined if none does.
 *
 * @param last - Index before which it must end, with its marks.
 * @param most - UTF-16 units of its TeX: lone dollars must not have all of the text searched.
 */
export function formulaAt(
  text: string,
  at: number,
  last: number,
  most: number,
): DollarFormula | undefined {
  const mark = text.startsWith('$$', at) ? '$$' : '$'
  const start = at + mark.length
  const close = closingAt(text, start, mark, Math.min(last - mark.length, start + most))
  if (close === -1) return undefined
  const typed = text.slice(start, close)
  const tex = typed.trim()
  const isPrice = mark === '$' && (tex !== typed || isDigit(text[close + 1]))
  return tex === '' || isPrice ? undefined : { tex, mark, end: close + mark.length }
}

/** -1 if there is none in the paragraph. */
function closingAt(text: string, start: number, mark: string, last: number): number {
  for (let at = start; at <= last; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '\n' && text[at + 1] === '\n') return -1
    else if (text.startsWith(mark, at)) return at
  }
  return -1
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}
