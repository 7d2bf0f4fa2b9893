// The words of a text that may be names.

const word = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu

export function wordsOf(text: string): Set<string> {
  return new Set(text.matchAll(word).map(([found]) => found))
}
