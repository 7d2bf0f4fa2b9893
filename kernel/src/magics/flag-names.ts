// What Tab offers on a magic's line: flags, and words such as `on`.
import type { Flag } from '../../../post/contract/flags.ts'

/** The word before the cursor; from its quote on, if that is still open. */
export function lastWord(text: string): string {
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (/\s/.test(character)) {
      start = at + 1
    } else if (at === start && (character === '"' || character === "'")) {
      const end = text.indexOf(character, at + 1)
      if (end < 0) break
      at = end
    }
  }
  return text.slice(start)
}

/** The flags that begin like the word, which has a dash at least. */
export function flagsNamed(word: string, flags: readonly Flag[]): string[] {
  if (!word.startsWith('-')) return []
  return flags.map(({ name }) => name).filter((name) => name.startsWith(word))
}

/** The words that begin like what is typed of the only word on a line. */
export function wordsNamed(typed: string, words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith(typed.trimStart()))
}
