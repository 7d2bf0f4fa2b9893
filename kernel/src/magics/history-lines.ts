// Which lines of the history a person names: `4` `4-6` `~1/7` (of the session before this one)
// `~2/` (all of it).
import type { TypedLine, TypedLines } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

const RANGE = /^(?:~(\d{1,6})\/)?(?:(\d{1,9})(?:-(\d{1,9})?)?)?$/

/** @throws {UsageError} for a word that names no lines. */
export function linesNamed(words: string, history: TypedLines): TypedLine[] {
  return words
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const [matched, session = '0', first, last] = RANGE.exec(word) ?? []
      if (matched === undefined) {
        throw new UsageError(`Expected lines like 4, 4-6 or ~1/7, got ${word}`)
      }
      if (first === undefined) return history.range(-Number(session), 0, undefined)
      const isOpen = last === undefined && word.endsWith('-')
      const stop = isOpen ? undefined : Number(last ?? first) + 1
      return history.range(-Number(session), Number(first), stop)
    })
}
