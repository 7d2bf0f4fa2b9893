// JSON on the wire: whatever a handler or a cell made becomes JSON that every client can parse. Clients throw on NaN, on lone
// surrogates and on half a message, so nothing here may throw or leave such text behind.

/** Levels of nesting kept; deeper values become their text. Python's parser gives up at about 1000. */
const MAX_DEPTH = 500

/**
 * JSON text of a message part. NaN and infinities become null (RFC 8259 has no such numbers), BigInts their digits as a
 * string, lone surrogates U+FFFD, cycles and values that refuse to be read a short text that says so.
 */
export function toJson(value: Record<string, unknown>): string {
  try {
    const text = JSON.stringify(value)
    // JSON.stringify writes lone surrogates, and only those, as `\udXXX`.
    if (!text.includes('\\ud')) return text
  } catch {
    // BigInt, cycle, throwing toJSON or getter, or too deep: copied piece by piece below.
  }
  return JSON.stringify(plain(value, []) ?? {})
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
