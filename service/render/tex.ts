// TeX as notebooks write it. It imports nothing, because the inbox page uses it too.

/** A dollar inside a formula in dollars means that there are several formulas. */
const AROUND = [
  { start: '$$', end: '$$', isAlone: true },
  { start: '\\[', end: '\\]', isAlone: false },
  { start: '\\(', end: '\\)', isAlone: false },
  { start: '$', end: '$', isAlone: true },
] as const

/** TeX without the dollars or brackets around it. */
export function bareTex(text: string): string {
  const tex = text.trim()
  for (const { start, end, isAlone } of AROUND) {
    if (tex.length < start.length + end.length) continue
    if (!tex.startsWith(start) || !tex.endsWith(end)) continue
    const inside = tex.slice(start.length, -end.length)
    if (!isAlone || !inside.includes(start)) return inside.trim()
  }
  return tex
}
