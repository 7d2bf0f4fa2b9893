// Formulas in dollars inside the lines of markdown, outside its code.
import { formulaAt } from './dollars.ts'
import { parsePieces, printPiece, withText } from './pieces.ts'

/** UTF-16 units of markdown and of one formula in it; longer ones stay as they are. */
const MOST = 100_000
const MOST_TEX = 2000

/** A formula and what is beside it: one character, or none. */
export interface InlineMath {
  tex: string
  before: string
  after: string
}

/** The same markdown with each formula replaced. */
export function withMath(markdown: string, replace: (math: InlineMath) => string): string {
  if (markdown.length > MOST || !markdown.includes('$')) return markdown
  let isChanged = false
  const change = (text: string) =>
    withMathInText(text, (math, typed) => {
      const made = replace(math)
      if (made !== typed) isChanged = true
      return made
    })
  const pieces = parsePieces(markdown).map((piece) => withText(piece, change))
  return isChanged ? pieces.map(printPiece).join('\n\n') : markdown
}

function withMathInText(
  text: string,
  replace: (math: InlineMath, typed: string) => string,
): string {
  const runs = codeRuns(text)
  let result = ''
  let copied = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\\') at += 1
    else if (character === '`') at = runs.skip(at) - 1
    else if (character === '$') {
      const formula = formulaAt(text, at, text.length, MOST_TEX)
      if (!formula) {
        if (text[at + 1] === '$') at += 1
        continue
      }
      const { tex, end } = formula
      const math = { tex, before: text[at - 1] ?? '', after: text[end] ?? '' }
      result += text.slice(copied, at) + replace(math, text.slice(at, end))
      copied = end
      at = copied - 1
    }
  }
  return result + text.slice(copied)
}

/** Where code in backticks ends: at the next run of as many. */
function codeRuns(text: string): { skip: (at: number) => number } {
  /** Length of a run -> where the runs of that length start, the last first. */
  const starts = new Map<number, number[]>()
  const lengths = new Map<number, number>()
  for (let at = text.indexOf('`'); at !== -1;) {
    let end = at
    while (text[end] === '`') end += 1
    lengths.set(at, end - at)
    starts.set(end - at, [])
    at = text.indexOf('`', end)
  }
  for (const [at, length] of [...lengths].toReversed()) starts.get(length)?.push(at)
  return {
    skip(at) {
      const length = lengths.get(at) ?? 1
      const same = starts.get(length) ?? []
      while ((same.at(-1) ?? Infinity) <= at) same.pop()
      return (same.at(-1) ?? at) + length
    },
  }
}
