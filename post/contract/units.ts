// Parts of text, with lengths in UTF-16 units as the contract counts them. A character of two units
// is never cut in half.
import { Math } from './primordials.ts'

/** The start of the text, at most `most` units. */
export function firstUnits(text: string, most: number): string {
  const isHalved = text.length > most && isHighSurrogate(text.charCodeAt(most - 1))
  return text.slice(0, isHalved ? most - 1 : most)
}

/** The end of the text, at most `most` units. */
export function lastUnits(text: string, most: number): string {
  const start = Math.max(0, text.length - most)
  const isHalved = start > 0 && isHighSurrogate(text.charCodeAt(start - 1))
  return text.slice(isHalved ? start + 1 : start)
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800
}
