// Lengths of texts, which the contract counts in UTF-16 units: a character has one or two, and is never halved.

/** The start of the text, of at most so many units. */
export function firstUnits(text: string, most: number): string {
  const isHalved = text.length > most && isHighSurrogate(text.charCodeAt(most - 1))
  return text.slice(0, isHalved ? most - 1 : most)
}

/** The end of the text, of at most so many units. */
export function lastUnits(text: string, most: number): string {
  const start = Math.max(0, text.length - most)
  const isHalved = start > 0 && isHighSurrogate(text.charCodeAt(start - 1))
  return text.slice(isHalved ? start + 1 : start)
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800
}
