// Finds secrets in a text by shape and by value, even if colour codes, invisible characters or tags
// are inside them.
import document from '../contract/secret-shapes.json' with { type: 'json' }
import { hintsOf } from './hints.ts'
import { SECRET_SHAPES } from './shapes.ts'
import type { SecretValue } from './values.ts'

/** UTF-16 offsets of one secret. */
export interface SecretPlace {
  start: number
  end: number
  kind: string
  inline: boolean
}

/** `://:a@b` is the shortest text that can hold a secret; secret values of variables are longer. */
const SHORTEST_TEXT = document.shortestText

const ESC = '\u001b'
const BEL = '\u0007'
// Colours, titles and links of terminals (ECMA-48), characters without width, and NUL, which the
// relay takes out.
const UNSEEN = new RegExp(
  [
    String.raw`(?:${ESC}\[|\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]`,
    String.raw`${ESC}\][^${BEL}${ESC}]{0,4096}(?:${BEL}|${ESC}\\)`,
    String.raw`[\0\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]`,
  ].join('|'),
  'g',
)

/** Between texts that are separate on a page, such as two lines. A secret may reach across. */
export const BORDER = '\n\u001e\n'

/**
 * Between the cells of a table. No secret reaches across, because values beside each other can look
 * like one.
 */
export const CELL_BORDER = '\n\u001d\n'

/**
 * What may be inside a secret, besides characters without width: tags, borders between texts, or
 * the backslashes of TeX and markdown, which are not shown (`ghp\_`).
 */
export type Torn = 'by nothing' | 'by tags' | 'by borders' | 'by escapes'

/** A backslash before what CommonMark lets it escape. */
const ESCAPE = String.raw`\\(?=[!-/:-@[-\x60{-~])`

const PARTS: Readonly<Record<Torn, RegExp>> = {
  'by nothing': UNSEEN,
  // The cells of a table are separate texts.
  'by tags': new RegExp(String.raw`<(?!/?t[dhr][\s>])[^<>]{0,4096}>|${UNSEEN.source}`, 'gi'),
  'by escapes': new RegExp(String.raw`${ESCAPE}|${UNSEEN.source}`, 'g'),
  'by borders': new RegExp(`${BORDER}|${UNSEEN.source}`, 'g'),
}

/** The parts of a text that a reader does not see; masking a secret leaves them in. */
export function unseenParts(torn: Torn): RegExp {
  return PARTS[torn]
}

/** Sorted, without overlaps. */
export function secretPlaces(
  text: string,
  values: readonly SecretValue[],
  torn: Torn,
): SecretPlace[] {
  // Most cells of a table are that short; a hundred patterns for each would take seconds.
  if (text.length < SHORTEST_TEXT) return []
  const whole = seen(text, UNSEEN)
  const places = [...placesIn(whole, values)]
  if (torn === 'by nothing') return merged(places)
  const joined = seen(text, PARTS[torn])
  // Nothing tears this text, so the same would be found again.
  if (joined.text === whole.text) return merged(places)
  // A secret found within one text ends there. Without the border it may seem longer, and masking
  // would take the next text too.
  const known = new Set(torn === 'by borders' ? places.map(({ start }) => start) : [])
  for (const place of placesIn(joined, values)) if (!known.has(place.start)) places.push(place)
  return merged(places)
}

interface Seen {
  text: string
  /** Turns an index of this text into an offset of the whole text. */
  offset: (index: number) => number
}

function seen(text: string, unseen: RegExp): Seen {
  const starts: number[] = []
  const offsets: number[] = []
  const parts: string[] = []
  let length = 0
  let end = 0
  const keep = (part: string, offset: number): void => {
    if (part === '') return
    starts.push(length)
    offsets.push(offset)
    parts.push(part)
    length += part.length
  }
  for (const match of text.matchAll(unseen)) {
    keep(text.slice(end, match.index), end)
    end = match.index + match[0].length
  }
  if (end === 0) return { text, offset: (index) => index }
  keep(text.slice(end), end)
  return {
    text: parts.join(''),
    offset(index) {
      const part = lastAtMost(starts, index)
      return index - (starts[part] ?? 0) + (offsets[part] ?? 0)
    },
  }
}

/** Index of the last number that is at most `limit`, in a sorted list. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = 0
  let high = numbers.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((numbers[middle] ?? 0) <= limit) low = middle
    else high = middle - 1
  }
  return low
}

function* placesIn(
  { text, offset }: Seen,
  values: readonly SecretValue[],
): Generator<SecretPlace, void> {
  const has = hintsOf(text)
  for (const { kind, hints, pattern, inline } of SECRET_SHAPES) {
    if (hints.length > 0 && !hints.some(has)) continue
    for (const match of text.matchAll(pattern)) {
      const groups = Object.values(match.indices?.groups ?? {})
      const [start, end] = groups.find((place) => place !== undefined) ??
        match.indices?.[0] ?? [0, 0]
      yield { start: offset(start), end: offset(end - 1) + 1, kind, inline }
    }
  }
  for (const { name, value } of values) {
    for (const form of formsOf(value)) {
      for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + form.length)) {
        const end = offset(at + form.length - 1) + 1
        yield { start: offset(at), end, kind: name, inline: false }
      }
    }
  }
}

/** The value itself, and the value as written in JSON, URLs and HTML. */
function formsOf(value: string): Set<string> {
  const json = JSON.stringify(value).slice(1, -1)
  const html = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return new Set([
    value,
    json,
    encodeURIComponent(value.toWellFormed()),
    html,
    html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
  ])
}

/** Merges places that overlap; the first and longest gives the kind. */
function merged(places: SecretPlace[]): SecretPlace[] {
  const result: SecretPlace[] = []
  places.sort((one, other) => one.start - other.start || other.end - one.end)
  for (const place of places) {
    const last = result.at(-1)
    if (last === undefined || place.start >= last.end) {
      result.push({ ...place })
      continue
    }
    last.end = Math.max(last.end, place.end)
    last.inline ||= place.inline
  }
  return result
}
