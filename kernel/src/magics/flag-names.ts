// The flags that Tab offers.
import type { Flag } from '../../../post/contract/flags.ts'

/** The word before the cursor. */
export function lastWord(text: string): string {
  return text.split(/\s/).at(-1) ?? ''
}

/** The flags that begin like the word, which has a dash at least. */
export function flagsNamed(word: string, flags: readonly Flag[]): string[] {
  if (!word.startsWith('-')) return []
  return flags.map(({ name }) => name).filter((name) => name.startsWith(word))
}
