// Pieces -> messages no longer than the chat takes. Cuts are between pieces, rows or lines; a fence
// is closed and opened again, a table repeats its head. Text that would need too many messages goes
// into a file (docs/spec.md 2.1).
import { continued } from './likeness.ts'
import { fenceMark } from '../../post/text/fence.ts'
import { printPiece } from './pieces.ts'
import type { Piece } from './pieces.ts'

export interface TextLimit {
  /** Length of one message. */
  max: number
  unit: 'runes' | 'utf16' | 'bytes'
}

/** Length of a text as the chat service counts it. */
export function textLength(text: string, unit: TextLimit['unit']): number {
  switch (unit) {
    case 'utf16':
      return text.length
    case 'bytes':
      return Buffer.byteLength(text)
    case 'runes':
      return SURROGATE.test(text) ? text.length - pairs(text) : text.length
  }
}

/** Checked first: most texts have none, and a message is measured for each piece added to it. */
const SURROGATE = /[\ud800-\udbff]/

function pairs(text: string): number {
  let count = 0
  for (let index = 1; index < text.length; index++) {
    const isPair =
      (text.charCodeAt(index) & 0xfc00) === 0xdc00 &&
      (text.charCodeAt(index - 1) & 0xfc00) === 0xd800
    if (isPair) count++
  }
  return count
}

/** What the messages of a post begin with. */
export interface Headings {
  first: string
  /** Heading of message `n`, from 2, of this many. */
  later: (n: number, of: number) => string
}

/** As wide as any heading of a further message. */
const WIDEST = 999
const LEAST_ROOM = 32

/**
 * @param most - The largest number of messages allowed.
 * @returns The messages, or undefined if there would be more than `most`.
 */
export function splitPieces(
  headings: Headings,
  pieces: readonly Piece[],
  limit: TextLimit,
  most: number,
): string[] | undefined {
  const length = (text: string) => textLength(text, limit.unit)
  const widest = headings.later(WIDEST, WIDEST)
  const bodies: string[] = []
  let current = ''
  const headingOf = (n: number) => (n === 0 ? headings.first : widest)
  // A name longer than a message would leave no room, and the loop would not end.
  const roomFor = (n: number) =>
    Math.max(LEAST_ROOM, limit.max - length(join(headingOf(n), 'x')) + 1)
  for (const piece of pieces) {
    let rest: Piece | undefined = piece
    while (rest) {
      const printed = printPiece(rest)
      const room: number = roomFor(bodies.length) - (current === '' ? 0 : length(current) + 2)
      if (length(printed) <= room) {
        current = join(current, printed)
        break
      }
      // A piece that fits into a message is not cut just to fill the last third of another.
      const isOpen: boolean = current !== '' || (bodies.length === 0 && headings.first !== '')
      const keepWhole: boolean = isOpen && length(printed) <= roomFor(1) && room < limit.max / 3
      const parts: [Piece, Piece | undefined] | undefined = keepWhole
        ? undefined
        : cutPiece(rest, room, length, current === '')
      if (parts) {
        current = join(current, printPiece(parts[0]))
        rest = parts[1]
      }
      if (rest) {
        bodies.push(current)
        current = ''
        if (bodies.length >= most) return undefined
      }
    }
  }
  if (current !== '' || bodies.length === 0) bodies.push(current)
  return bodies.map((body, n) =>
    join(n === 0 ? headings.first : headings.later(n + 1, bodies.length), body),
  )
}

/** Joins by a blank line. */
function join(above: string, below: string): string {
  return above === '' || below === '' ? above + below : `${above}\n\n${below}`
}

export type Measure = (text: string) => number

/** The part that fits, and the rest; undefined if nothing fits but more would in a new message. */
function cutPiece(
  piece: Piece,
  room: number,
  length: Measure,
  fresh: boolean,
): [Piece, Piece | undefined] | undefined {
  if (piece.kind === 'prose') {
    const head = cutProse(piece.text, room, length, fresh)
    if (head === undefined) return undefined
    const rest = piece.text.slice(head.length)
    return [
      { kind: 'prose', text: head.trimEnd() },
      prose(continued(rest.replace(/^\s*\n|^ /, ''))),
    ]
  }
  const frame = frameLength(piece, length)
  const lines = piece.kind === 'fence' ? piece.text.split('\n') : piece.rows
  let used = frame
  let count = 0
  for (const line of lines) {
    used += length(line) + 1
    if (used > room) break
    count++
  }
  if (count > 0)
    return [withLines(piece, lines.slice(0, count)), withLines(piece, lines.slice(count))]
  if (!fresh) return undefined
  // One line longer than a message: a table row can then only be shown as text.
  if (piece.kind === 'table')
    return cutPiece({ kind: 'fence', language: '', text: printPiece(piece) }, room, length, fresh)
  const head = takeLength(piece.text, room - frame - 8, length)
  const rest = piece.text.slice(head.length)
  return [{ ...piece, text: head }, rest === '' ? undefined : { ...piece, text: rest }]
}

/** Length of a fence or a table without its content. */
function frameLength(piece: Exclude<Piece, { kind: 'prose' }>, length: Measure): number {
  if (piece.kind === 'table') return length(printPiece({ ...piece, rows: [] }))
  return length(printPiece({ ...piece, text: '' })) + 2 * (fenceMark(piece.text).length - 3)
}

function withLines(piece: Exclude<Piece, { kind: 'prose' }>, lines: readonly string[]): Piece {
  return piece.kind === 'table' ? { ...piece, rows: lines } : { ...piece, text: lines.join('\n') }
}

function prose(text: string): Piece | undefined {
  const rest = text.trimEnd()
  return rest === '' ? undefined : { kind: 'prose', text: rest }
}

function cutProse(text: string, room: number, length: Measure, fresh: boolean): string | undefined {
  const fitting = takeLength(text, room, length)
  for (const border of ['\n\n', '\n', ' ']) {
    const at = fitting.lastIndexOf(border)
    if (at > 0) return fitting.slice(0, at)
  }
  return fresh ? fitting : undefined
}

/** The longest prefix of whole code points that fits `room`; at least one code point. */
export function takeLength(text: string, room: number, length: Measure): string {
  let low = 1
  let high = Math.min(text.length, Math.max(1, room * 2))
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (length(text.slice(0, middle)) <= room) low = middle
    else high = middle - 1
  }
  const last = text.charCodeAt(low - 1)
  if (last < 0xd800 || last > 0xdbff) return text.slice(0, low)
  return text.slice(0, low > 1 ? low - 1 : 2)
}
