// JSON on the wire: whatever a handler or a cell made becomes JSON that every client can parse.
// Clients throw on NaN, on lone surrogates and on half a message: so nothing here may throw or
// leave such text behind.

/**
 * Levels of nesting kept; anything deeper becomes `[too deep]`. CPython stops at 1000 nested calls:
 * its parser makes one a level, `copy.deepcopy` of a notebook two; nbconvert and the front ends add
 * their own. V8 writes any depth, or throws at one that it chooses.
 */
export const MAX_DEPTH = 200

/**
 * JSON text of a message part. NaN and infinities become null (RFC 8259 has no such numbers),
 * BigInts a string of digits, lone surrogates U+FFFD; cycles and values that cannot be read become
 * a short text that says so.
 */
export function toJson(value: Record<string, unknown>): string {
  try {
    const text = JSON.stringify(value)
    // JSON.stringify writes lone surrogates, and only those, as `\udXXX`.
    if (!text.includes('\\ud') && !isTooDeep(text)) return text
  } catch {
    // BigInt, cycle, throwing toJSON or getter, or too deep: copied piece by piece below.
  }
  return JSON.stringify(plain(value, []) ?? {})
}

/** Reads JSON text. Strings, which large messages consist of, are skipped as a whole. */
function isTooDeep(text: string): boolean {
  if (text.length <= 2 * MAX_DEPTH) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at)
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') depth -= 1
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** Index of the string's closing quote: the next one after an even number of backslashes. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let first = end
    while (text[first - 1] === '\\') first -= 1
    if ((end - first) % 2 === 0) return end
  }
}

function plain(value: unknown, ancestors: object[]): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (ancestors.includes(value)) return '[circular]'
  if (ancestors.length >= MAX_DEPTH) return '[too deep]'
  const path = [...ancestors, value]
  try {
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      return plain(Reflect.apply(value.toJSON, value, []), path)
    }
    if (Array.isArray(value)) return value.map((item: unknown) => plain(item, path) ?? null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key.toWellFormed(), plain(item, path)]),
    )
  } catch (error) {
    return `[unreadable: ${error instanceof Error ? error.message : String(error)}]`
  }
}

/** True for what JSON calls an object: not null, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
