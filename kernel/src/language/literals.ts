// What a literal before a dot is, without evaluating it: `[1, 2].` is an array, `"a".` a string.
// Nothing is said about other expressions.

/** An expression with the same members as the literal that ends `text`; undefined without one. */
export function prototypeOfLiteral(text: string): string | undefined {
  const end = text.trimEnd()
  const last = end.at(-1)
  if (last === '"' || last === "'" || last === '`') return 'String.prototype'
  if (last === ']' && isArray(end)) return 'Array.prototype'
  return undefined
}

/** Whether the closing bracket at the end belongs to a list, not an index: nothing precedes it. */
function isArray(text: string): boolean {
  let depth = 0
  for (let at = text.length - 1; at >= 0; at--) {
    const char = text[at]
    if (char === ']') depth += 1
    if (char !== '[') continue
    depth -= 1
    if (depth > 0) continue
    const before = text.slice(0, at).trimEnd()
    return /(?:^|[^\p{ID_Continue}$)\]"'`.])$|\b(?:return|await|of|in|case|typeof|yield)$/u.test(
      before,
    )
  }
  return false
}
