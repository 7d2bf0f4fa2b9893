// How secrets look: token prefixes and places that hold a secret, from `secret-shapes.json`, shared
// with Python. Bare hexadecimal, UUIDs and words never count as secrets by their shape. Every
// pattern takes linear time: repeats are bounded, and a match starts where a word starts, so that
// no text is scanned again and again.
import document from '../contract/secret-shapes.json' with { type: 'json' }

export interface SecretShape {
  /** What the mask says: `[masked: GitHub token]`. */
  kind: string
  /**
   * A text with this secret contains one of these, in this case. Checked before the slower pattern;
   * if empty, the pattern is always tried.
   */
  hints: readonly string[]
  /** The secret is the group `secret`, or else the whole match. */
  pattern: RegExp
  /** The mask is one word, because the secret is a part of a URL, which must stay one. */
  inline: boolean
}

interface Row {
  kind: string
  hints?: readonly string[]
  /** In JavaScript's syntax, and only what Python has too. */
  pattern: string
  /** The match must be a whole word. */
  word?: boolean
  ignoreCase?: boolean
  inline?: boolean
}

/**
 * The start of a word. An escape of JSON or of a URL before it is not a part of the word:
 * `"a\nTOKEN"`, `%3DTOKEN`.
 */
const START = String.raw`(?<![A-Za-z0-9](?<!\\[bfnrt]|%[0-9A-Fa-f]{2}|\\(?:x1b|u001b|033)\[[0-9;]{0,12}m))`
const END = '(?![A-Za-z0-9])'

const ROWS: readonly Row[] = document.shapes

export const SECRET_SHAPES: readonly SecretShape[] = ROWS.map(
  ({ kind, hints = [], pattern, word = false, ignoreCase = false, inline = false }) => {
    const source = word ? START + pattern + END : pattern
    return { kind, hints, pattern: new RegExp(source, ignoreCase ? 'dgi' : 'dg'), inline }
  },
)
