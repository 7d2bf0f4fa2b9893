// `cursor_pos`, `cursor_start` and `cursor_end` count Unicode code points (messaging spec 5.2);
// JavaScript strings count UTF-16 units. Only these two functions convert between them.

/**
 * UTF-16 offset of a code point offset.
 *
 * @param point - Code points from the start; clamped to the text, fractions cut off.
 * @returns A UTF-16 offset that never lies inside a surrogate pair.
 */
export function toUtf16(text: string, point: number): number {
  let unit = 0
  for (let left = Math.trunc(point); left > 0 && unit < text.length; left--) {
    unit += isPair(text, unit) ? 2 : 1
  }
  return unit
}

/** Code points before a UTF-16 offset, clamped. Inside a pair counts as before the pair. */
export function toCodePoints(text: string, unit: number): number {
  let points = 0
  for (let at = 0; at < Math.min(unit, text.length); points++) {
    at += isPair(text, at) ? 2 : 1
    if (at > unit) return points
  }
  return points
}

function isPair(text: string, unit: number): boolean {
  const code = text.codePointAt(unit)
  return code !== undefined && code > 0xffff
}
