// A line that begins with `<` after a line without semicolon: for the language the rest of a
// comparison, for a person the element that the cell shows. We take it for the element where only
// that parses.
import { MagicString } from 'magic-string'
import { parseTypeScript } from './parse.ts'
import type { ParsedText, ParseOptions } from './parse.ts'

export interface SeparatedText {
  parsed: ParsedText
  edited: MagicString
  /** Offsets before which a semicolon stands now. */
  places: readonly number[]
}

/** Lines that are tried, and text in which they are looked for. */
const TRIES = 20
const LENGTH = 100_000

const BEGINS_JSX = /\n(?=<[\p{L}_$>])/gu

/** The text with semicolons before such lines; undefined if it parses no further with them. */
export function separateJsxLines(
  text: string,
  failed: ParsedText,
  options: ParseOptions,
): SeparatedText | undefined {
  if (text.length > LENGTH) return undefined
  const semicolons: number[] = []
  let best = failed
  let tries = TRIES
  for (const { index } of text.matchAll(BEGINS_JSX)) {
    if (best.errors.length === 0 || index > placeOf(best, semicolons) || tries-- === 0) break
    const parsed = parseTypeScript(
      withSemicolons(text, [...semicolons, index + 1]).toString(),
      options,
    )
    const isFurther = placeOf(parsed, [...semicolons, index + 1]) > placeOf(best, semicolons)
    if (parsed.errors.length > 0 && !isFurther) continue
    semicolons.push(index + 1)
    best = parsed
  }
  if (semicolons.length === 0) return undefined
  return { parsed: best, edited: withSemicolons(text, semicolons), places: semicolons }
}

/** Where the first error shows in the text as typed. */
function placeOf({ errors: [error] }: ParsedText, semicolons: readonly number[]): number {
  const start = error?.labels[0]?.start
  return start === undefined ? Infinity : start - semicolons.length
}

function withSemicolons(text: string, offsets: readonly number[]): MagicString {
  const edited = new MagicString(text)
  for (const offset of offsets) edited.appendRight(offset, ';')
  return edited
}
