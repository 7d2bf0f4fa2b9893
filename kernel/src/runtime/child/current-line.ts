// The line that a stream is in, as a terminal would know it, for programs that move back in it
// (progress bars). A notebook knows only one movement, `\r`: all others are done by writing the
// line again.
import { TextDecoder } from 'node:util'
import { Uint8Array, uncurry } from '../../api/primordials.ts'

/** Columns that are kept; how much of a text is looked through, from its end. */
const WIDTH = 500
const LONGEST = 4000

const ESCAPE = '\u001b'

const decoder = new TextDecoder()
const decode = uncurry(TextDecoder.prototype, 'decode')

export class CurrentLine {
  readonly #cellId: () => string
  #owner = ''
  #text = ''
  #column = 0

  /** @param cellId - Gives the cell that writes now. Lines of other cells are done. */
  constructor(cellId: () => string) {
    this.#cellId = cellId
  }

  /** Notes what that cell wrote. */
  add(text: string | Uint8Array, cellId: string): void {
    const end = endOf(text)
    const from = end.lastIndexOf('\n') + 1
    this.#begin(cellId, from > 0)
    if (from < end.length) this.#write(end.slice(from))
  }

  get column(): number {
    this.#begin()
    return this.#column
  }

  /** The text that brings the cursor to a column of the line. */
  to(column: number): string {
    this.#begin()
    const end = column < 0 ? 0 : column > WIDTH ? WIDTH : column
    return `\r${this.#text.padEnd(end).slice(0, end)}`
  }

  /** The text that clears before the cursor (-1), behind it (1) or all (0), then moves it back. */
  clear(direction: number): string {
    this.#begin()
    const column = this.#column
    const width = this.#text.trimEnd().length
    if (direction > 0) {
      return width > column ? ' '.repeat(width - column) + this.to(column) : ''
    }
    if (direction < 0) return `\r${' '.repeat(column)}`
    return width > 0 ? `\r${' '.repeat(width)}\r` : '\r'
  }

  #begin(cellId = this.#cellId(), isNew = false): void {
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
        const before = this.#text.padEnd(this.#column).slice(0, this.#column)
        this.#text = `${before}${character}${this.#text.slice(this.#column + 1)}`
        this.#column += 1
      }
    }
  }
}

function endOf(text: string | Uint8Array): string {
  if (typeof text === 'string') return text.length > LONGEST ? text.slice(-LONGEST) : text
  const { buffer, byteOffset, length } = text
  const from = length > LONGEST ? length - LONGEST : 0
  return decode(decoder, new Uint8Array(buffer, byteOffset + from, length - from))
}

/** End of a control sequence (ECMA-48; colours, for example), whose last character is its kind. */
function endOfSequence(text: string, from: number): number {
  let at = from
  while (at < text.length && !isFinal(text[at])) at += 1
  return at
}

function isFinal(character: string | undefined): boolean {
  return character !== undefined && character >= '@' && character <= '~'
}
