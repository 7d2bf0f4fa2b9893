// The head and the tail of what is too long for messages: the first lines, a mark, the last lines.
// The end of a log is what people look for, so more of it is shown. Everything is in a file.
import { continued } from './likeness.ts'
import { muteStart } from './mentions.ts'
import { printPiece } from './pieces.ts'
import type { Piece } from './pieces.ts'
import { takeLength } from './split.ts'
import type { Measure } from './split.ts'

const HEAD_LINES = 10
const TAIL_LINES = 30
/** The share of the room for the head. */
const HEAD_SHARE = 1 / 4
/** Of a longer line, its two ends are shown: a line may be a whole megabyte. */
const LONGEST_LINE = 500
const LINE_START = 300
const ELLIPSIS = '…'

export interface Excerpt {
  pieces: Piece[]
  /** Those given that are not shown as a whole. */
  cut: ReadonlySet<Piece>
}

/** @param room - The length of what is shown, nearly: no line is much longer than a half of it. */
export function excerptOf(pieces: readonly Piece[], room: number, length: Measure): Excerpt {
  const parts = pieces.map((piece) => new Part(piece, room / 4))
  const head = new Taking(HEAD_LINES, room * HEAD_SHARE, room / 2, length)
  const first = parts.findIndex((part) => !head.takeFront(part))
  if (first !== -1) {
    const tail = new Taking(TAIL_LINES, room * (1 - HEAD_SHARE), room / 2, length)
    for (const part of parts.slice(first).toReversed()) if (!tail.takeBack(part)) break
  }
  const missing = parts.reduce((sum, part) => sum + part.missing, 0)
  return {
    pieces: first === -1 ? parts.map((part) => part.whole) : shown(parts, missing),
    cut: new Set(parts.filter((part) => part.isCut).map(({ piece }) => piece)),
  }
}

/** The mark stands where lines are missing: inside a piece whose two ends are shown. */
function shown(parts: readonly Part[], missing: number): Piece[] {
  const mark = `${ELLIPSIS} ${missing === 1 ? '1 line' : `${missing} lines`} left out ${ELLIPSIS}`
  const pieces: Piece[] = []
  let isMarked = missing === 0
  for (const part of parts) {
    if (part.missing === 0) pieces.push(part.whole)
    else if (part.front > 0 && part.back > 0) {
      pieces.push(...part.bothEnds(mark))
      isMarked = true
    } else if (part.front > 0) pieces.push(part.frontPiece)
    if (part.missing > 0 && !isMarked) {
      pieces.push({ kind: 'prose', text: `*${mark}*` })
      isMarked = true
    }
    if (part.front === 0 && part.back > 0 && part.missing > 0) pieces.push(part.backPiece)
  }
  return pieces
}

/** Takes lines from one end, as long as there is room. */
class Taking {
  #lines: number
  #room: number
  /** The first line may take so much. */
  readonly #most: number
  readonly #length: Measure
  #isEmpty = true

  constructor(lines: number, room: number, most: number, length: Measure) {
    this.#lines = lines
    this.#room = room
    this.#most = most
    this.#length = length
  }

  /** @returns Whether the whole part was taken. */
  takeFront(part: Part): boolean {
    part.front = this.#count(part, (n) => part.lines[n])
    return part.missing === 0
  }

  takeBack(part: Part): boolean {
    const last = part.lines.length - 1
    part.back = this.#count(part, (n) => (n < part.missing ? part.lines[last - n] : undefined))
    return part.missing === 0
  }

  /** @param lineAt - From the end that is taken from. */
  #count(part: Part, lineAt: (n: number) => string | undefined): number {
    let used = part.front > 0 ? 0 : this.#length(part.frame) + 2
    let count = 0
    while (count < this.#lines) {
      const line = lineAt(count)
      if (line === undefined) break
      const size = this.#length(part.short(line)) + 1
      const most = this.#isEmpty && count === 0 ? this.#most : this.#room
      if (used + size > most) break
      used += size
      count += 1
    }
    if (count === 0) return 0
    this.#lines -= count
    this.#room -= used
    this.#isEmpty = false
    return count
  }
}

/** A piece, and how many lines of it are shown from its start and from its end. */
class Part {
  readonly piece: Piece
  /** A table without rows, or with longer lines than a message can show, is shown as text. */
  readonly #shown: Piece
  readonly lines: readonly string[]
  front = 0
  back = 0

  constructor(piece: Piece, longest: number) {
    this.piece = piece
    this.#shown = asLines(piece, longest)
    this.lines = this.#shown.kind === 'table' ? this.#shown.rows : this.#shown.text.split('\n')
  }

  get missing(): number {
    return this.lines.length - this.front - this.back
  }

  get isCut(): boolean {
    const { lines } = this
    return this.missing > 0 || lines.some((line) => this.short(line) !== line)
  }

  /** What is printed around the lines. */
  get frame(): string {
    return printPiece(this.#with([]))
  }

  short(line: string): string {
    if (this.#shown.kind === 'table' || line.length <= LONGEST_LINE) return line
    const { start, end } = endsOf(line)
    // What was harmless within a word may not be at the start of one: `alice@bob`.
    return `${start} ${ELLIPSIS} ${this.#shown.kind === 'prose' ? muteStart(end) : end}`
  }

  get whole(): Piece {
    return this.isCut ? this.#with(this.lines) : this.#shown
  }

  get frontPiece(): Piece {
    return this.#with(this.lines.slice(0, this.front))
  }

  /** The first line of an error says what it is: it is shown before its last lines. */
  get backPiece(): Piece {
    const last = this.lines.slice(-this.back)
    if (this.#shown.kind === 'fence' && this.#shown.hasTitle === true)
      return this.#with([this.lines[0] ?? '', ELLIPSIS, ...last])
    return this.#back(last)
  }

  bothEnds(mark: string): Piece[] {
    const [first, last] = [this.lines.slice(0, this.front), this.lines.slice(-this.back)]
    if (this.#shown.kind === 'prose')
      return [this.#with(first), { kind: 'prose', text: `*${mark}*` }, this.#back(last)]
    const between =
      this.#shown.kind === 'table' ? this.#shown.head[1].replaceAll(/[:-]+/g, ELLIPSIS) : mark
    return [this.#with([...first, between, ...last])]
  }

  /** What was harmless within a text may not be at the start of one. */
  #back(lines: readonly string[]): Piece {
    const piece = this.#with(lines)
    return piece.kind === 'prose' ? { kind: 'prose', text: continued(piece.text) } : piece
  }

  #with(lines: readonly string[]): Piece {
    if (this.#shown.kind === 'table') return { ...this.#shown, rows: lines }
    const text = lines.map((line) => this.short(line)).join('\n')
    // A part of a formula is none: it is shown as source.
    if (this.#shown.kind === 'fence' && this.#shown.language === 'latex')
      return { ...this.#shown, language: 'tex', text }
    return { ...this.#shown, text }
  }
}

function asLines(piece: Piece, longest: number): Piece {
  if (piece.kind !== 'table') return piece
  const isShort = [...piece.head, ...piece.rows].every((line) => line.length <= longest)
  if (isShort && piece.rows.length > 0) return piece
  return { kind: 'fence', language: '', text: [piece.head[0], ...piece.rows].join('\n') }
}

function endsOf(line: string): { start: string; end: string } {
  const start = takeLength(line, LINE_START, (text) => text.length)
  const last = line.slice(LINE_START - LONGEST_LINE)
  const code = last.charCodeAt(0)
  const isHalf = code >= 0xdc00 && code <= 0xdfff
  return { start, end: isHalf ? last.slice(1) : last }
}
