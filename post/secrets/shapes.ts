// How secrets look: the table of token prefixes and of places that hold one, in `post/contract/secret-shapes.json`, which the Python
// package reads too. Bare hex, UUIDs and words are never secrets by their look. Every pattern is linear: bounded repeats only, and a match
// starts where a word starts, so that no text is scanned twice and again.
import document from '../contract/secret-shapes.json' with { type: 'json' }

export interface SecretShape {
  /** What the mask names: `[masked: GitHub token]`. */
  kind: string
  /** One of these is in every text that has the secret, in this case: a quick look before the pattern. None: always looked for. */
  hints: readonly string[]
  /** The secret is the group `secret`, or the whole match. */
  pattern: RegExp
  /** The mask stays one word: the secret is a part of a URL, which still reads as one. */
  inline: boolean
}

interface Row {
  kind: string
  hints?: readonly string[]
  /** In the syntax of JavaScript; of it only what Python has too. */
  pattern: string
  /** It begins where a word begins and ends where a word ends. */
  word?: boolean
  ignoreCase?: boolean
  inline?: boolean
}

/** The start of a word; escapes of JSON and of URLs before it are no part of it: `"a\nTOKEN"`, `%3DTOKEN`. */
const START = String.raw`(?<![A-Za-z0-9](?<!\\[bfnrt]|%[0-9A-Fa-f]{2}|\\(?:x1b|u001b|033)\[[0-9;]{0,12}m))`
const END = '(?![A-Za-z0-9])'

const ROWS: readonly Row[] = document.shapes

export const SECRET_SHAPES: readonly SecretShape[] = ROWS.map(
  ({ kind, hints = [], pattern, word = false, ignoreCase = false, inline = false }) => {
    const source = word ? START + pattern + END : pattern
    return { kind, hints, pattern: new RegExp(source, ignoreCase ? 'dgi' : 'dg'), inline }
  },
)
