// The names most similar to a mistyped one, for helpful error messages. Also runs beside user code,
// so it relies on no built-in that a cell may replace.
import { Array, Math, Set } from './primordials.ts'

/** Most names compared, and most characters of each, so that an error is never slow. */
const NAMES = 2000
const LENGTH = 100

/**
 * At most three of `names`, nearest first. Their distance is at most half the length of what was
 * typed, or 2.
 */
export function nearestNames(typed: string, names: Iterable<string>): string[] {
  const wanted = typed.slice(0, LENGTH).toLowerCase()
  const farthest = Math.max(2, Math.ceil(wanted.length / 2))
  return [...new Set(names)]
    .slice(0, NAMES)
    .map((name) => ({
      name,
      distance: editDistance(wanted, name.slice(0, LENGTH).toLowerCase()),
    }))
    .filter(({ distance }) => distance <= farthest)
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name)
}

/** Levenshtein distance in UTF-16 units. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
