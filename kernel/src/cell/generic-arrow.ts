// Type parameters of an arrow function, `<T extends U>(x: T) => …`. Before its body is there, a
// `.ts` parser takes them for a type assertion.

/** How many characters of type parameters are looked at. */
const LENGTH = 1000

/**
 * The text with blanks in place of the type parameters whose `(` is the last one before `at`,
 * or, if a comma between them is there, the next one. Undefined if there are none.
 */
export function withoutTypeParameters(text: string, at: number): string | undefined {
  const next = text[at] === ',' ? text.slice(at, at + LENGTH).indexOf('(') : -1
  return blanked(text, next < 0 ? at : at + next)
}

function blanked(text: string, offset: number): string | undefined {
  const start = Math.max(offset - LENGTH, 0)
  const close = text.lastIndexOf('>', offset)
  const between = text.slice(close + 1, offset + 1).trimStart()
  if (close < start || !between.startsWith('(') || text[close - 1] === '=') return undefined
  let depth = 0
  for (let at = close; at >= start; at--) {
    if (text[at] === '>' && text[at - 1] !== '=') depth += 1
    if (text[at] === '<') depth -= 1
    if (depth === 0) return text.slice(0, at) + ' '.repeat(close + 1 - at) + text.slice(close + 1)
  }
  return undefined
}
