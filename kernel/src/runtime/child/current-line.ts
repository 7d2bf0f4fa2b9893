// The line that a stream is in: what a terminal would know of it, for programs that go back in it (progress bars). Notebooks know one
// movement only, `\r`: the rest is said by writing the line again.
import { TextDecoder } from 'node:util'
import { String, Uint8Array, uncurry } from '../../api/primordials.ts'

/** Columns that are kept; bytes of a text that are looked through, from its end. */
const WIDTH = 500
const LONGEST = 4000
const NEWLINE = 10

const ESCAPE = '\u001b'

const decoder = new TextDecoder()
const decode = uncurry<'decode', [Uint8Array], string>(TextDecoder.prototype, 'decode')
const slice = uncurry<'slice', [number, number?], string>(String.prototype, 'slice')
const trimEnd = uncurry<'trimEnd', [], string>(String.prototype, 'trimEnd')
const repeat = uncurry<'repeat', [number], string>(String.prototype, 'repeat')
const padEnd = uncurry<'padEnd', [number], string>(String.prototype, 'padEnd')

export class CurrentLine {
  readonly #cellId: () => string
  #owner = ''
  #text = ''
  #column = 0

  /** `cellId`: of the cell that writes now. The lines of another are past. */
  constructor(cellId: () => string) {
    this.#cellId = cellId
  }

  /** What was written. */
  add(bytes: Uint8Array): void {
    let from = bytes.length
    while (from > 0 && bytes[from - 1] !== NEWLINE && from > bytes.length - LONGEST) from -= 1
    this.#begin(bytes[from - 1] === NEWLINE)
    const { buffer, byteOffset, length } = bytes
    if (from === length) return
    const rest = new Uint8Array(buffer, byteOffset + from, length - from)
    this.#write(decode(decoder, rest))
  }

  get column(): number {
    this.#begin()
    return this.#column
  }

  /** What brings the cursor to a column of the line. */
  to(column: number): string {
    this.#begin()
    const end = column < 0 ? 0 : column > WIDTH ? WIDTH : column
    return `\r${slice(padEnd(this.#text, end), 0, end)}`
  }

  /** What empties the line: before the cursor (-1), behind it (1), or all of it (0), and brings the cursor back. */
  clear(direction: number): string {
    this.#begin()
    const column = this.#column
    const width = trimEnd(this.#text).length
    if (direction > 0) {
      return width > column ? repeat(' ', width - column) + this.to(column) : ''
    }
    if (direction < 0) return `\r${repeat(' ', column)}`
    return width > 0 ? `\r${repeat(' ', width)}\r` : '\r'
  }

  #begin(isNew = false): void {
    const cellId = this.#cellId()
    if (!isNew && cellId === this.#owner) return
    this.#owner = cellId
    this.#text = ''
    this.#column = 0
  }

  #write(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const character = text[at]
      if (character === ESCAPE && text[at + 1] === '[') at = endOfSequence(text, at + 2)
      else if (character === '\r') this.#column = 0
      else if (character === '\b') this.#column -= this.#column > 0 ? 1 : 0
      else if (this.#column < WIDTH) {
        const before = slice(padEnd(this.#text, this.#column), 0, this.#column)
        this.#text = `${before}${character}${slice(this.#text, this.#column + 1)}`
        this.#column += 1
      }
    }
  }
}

/** Of a control sequence (colours and the like, ECMA-48), whose last character tells what it is. */
function endOfSequence(text: string, from: number): number {
  let at = from
  while (at < text.length && !isFinal(text[at])) at += 1
  return at
}

function isFinal(character: string | undefined): boolean {
  return character !== undefined && character >= '@' && character <= '~'
}
