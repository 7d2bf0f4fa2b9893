// What a chat shows for markdown source, one character at a time: entities and backslash escapes
// are decoded, and each shown character knows where it ends in the source. Each step looks at a
// bounded part of the source, so a pass takes time in proportion to the text's length.
import { decodeHTMLStrict } from 'entities'

export interface Shown {
  /** What is shown: usually one character; a few entities give two. */
  text: string
  /** Index in the source after this character's source. */
  end: number
}

/** The longest name of an entity, `CounterClockwiseContourIntegral`, with room. */
const LONGEST_NAME = 40

/** What the source shows at this index, which must be inside it. */
export function shownAt(source: string, at: number): Shown {
  const character = source[at] ?? ''
  if (character === '&') return entityAt(source, at) ?? { text: '&', end: at + 1 }
  if (character === '\\' && isAsciiPunctuation(source.charCodeAt(at + 1)))
    return { text: source[at + 1] ?? '', end: at + 2 }
  if (character < '\ud800' || character > '\udbff') return { text: character, end: at + 1 }
  const text = String.fromCodePoint(source.codePointAt(at) ?? 0)
  return { text, end: at + text.length }
}

/** A number may lack its semicolon, as in browsers. Decoding too much only mutes too much. */
function entityAt(source: string, at: number): Shown | undefined {
  return source[at + 1] === '#' ? numberAt(source, at) : nameAt(source, at)
}

function numberAt(source: string, at: number): Shown | undefined {
  const isHex = source[at + 2] === 'x' || source[at + 2] === 'X'
  const base = isHex ? 16 : 10
  const start = at + (isHex ? 3 : 2)
  let end = start
  let code = 0
  for (; end < source.length; end++) {
    const digit = digitOf(source.charCodeAt(end))
    if (digit >= base) break
    // There may be any number of leading zeros; a number beyond Unicode stays beyond it.
    code = Math.min(code * base + digit, 0x110000)
  }
  if (end === start) return undefined
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  const text = isCharacter ? String.fromCodePoint(code) : '\ufffd'
  return { text, end: source[end] === ';' ? end + 1 : end }
}

function nameAt(source: string, at: number): Shown | undefined {
  let end = at + 1
  while (end - at < LONGEST_NAME && isLetterOrDigit(source.charCodeAt(end))) end++
  if (source[end] !== ';') return undefined
  const entity = source.slice(at, end + 1)
  const text = decodeHTMLStrict(entity)
  return text === entity ? undefined : { text, end: end + 1 }
}

/** 16 or more for a character that is not a digit. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : 16
}

/** ASCII only. */
export function isLetterOrDigit(code: number): boolean {
  const letter = code | 0x20
  return (code >= 0x30 && code <= 0x39) || (letter >= 0x61 && letter <= 0x7a)
}

/** What a backslash escapes (CommonMark 2.4). */
function isAsciiPunctuation(code: number): boolean {
  return code > 0x20 && code < 0x7f && !isLetterOrDigit(code)
}

/** Shows nothing, so text around it reads as one word: zero-width and bidi marks, selectors. */
export function isInvisible(character: string): boolean {
  if (character >= ' ' && character <= '~') return false
  return /^[\p{Default_Ignorable_Code_Point}\p{Cf}]$/u.test(character)
}
