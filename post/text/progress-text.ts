// Progress bars in the text of a stream: what a program wrote again and again over the same lines,
// by carriage returns, backspaces, cursor moves or erasing.
import limits from '../contract/limits.json' with { type: 'json' }
import { lastUnits } from '../contract/units.ts'
import { draw, hasControls, Screen } from './terminal-text.ts'

/** A bar is drawn again soon: the end of a long text has all of its last state. */
const { progressUnits: MOST_UNITS, progressLines: MOST_LINES } = limits.capture
const MOST_READ = limits.capture.recordedText
/** Without one of these, nothing is written over. */
const MOVES = ['\r', '\b', '\u001b', '\u009b']

/**
 * The last state of the bars that were shown last: those that were on the screen together. Empty if
 * there are none, or if they were erased in the end.
 */
export function progressText(text: string): string {
  const plain = text.replaceAll('\r\n', '\n')
  if (!MOVES.some((move) => plain.includes(move))) return ''
  const screen = new WatchedScreen()
  draw(lastUnits(plain, MOST_UNITS), screen)
  const lines = screen.lines()
  const bars = [...lines.keys()].filter((row) => screen.isOver(row) && lines[row] !== '')
  const lowest = bars.at(-1)
  if (lowest === undefined) return ''
  // A bar that was still changing when the last one came is beside it; others have ended before.
  return bars
    .filter((row) => row === lowest || screen.outlasts(row, lowest))
    .slice(-MOST_LINES)
    .map((row) => lines[row])
    .join('\n')
}

/**
 * Whether `text` writes over all of `before`, which did the same with the same line: then nothing
 * of `before` is seen any more.
 */
export function isDrawnOver(before: string, text: string): boolean {
  return before.startsWith('\r') && text.startsWith('\r') && isOver(before.slice(1), text.slice(1))
}

/**
 * The text without those states of its bars that are drawn over by the next one. Of a text that is
 * longer than a cell's may be, the end: nobody waits for the rest of it.
 */
export function withoutDrawnOver(text: string): string {
  if (text.length > MOST_READ)
    return text.slice(0, -MOST_READ) + withoutDrawnOver(text.slice(-MOST_READ))
  if (!text.includes('\r')) return text
  return text.split('\n').map(lineWithoutDrawnOver).join('\n')
}

function lineWithoutDrawnOver(line: string): string {
  const kept: string[] = []
  for (const drawn of line.split('\r')) {
    const before = kept.at(-1)
    // What stands before the first return may go on what came before this text.
    if (kept.length > 1 && before !== undefined && isOver(before, drawn)) kept.pop()
    kept.push(drawn)
  }
  return kept.join('\r')
}

function isOver(before: string, drawn: string): boolean {
  return before.length <= drawn.length && isPlain(before) && isPlain(drawn)
}

/** Writes one cell for each unit, in one line. */
function isPlain(drawn: string): boolean {
  return !drawn.includes('\n') && !hasControls(drawn) && isPlane0(drawn)
}

function isPlane0(text: string): boolean {
  for (let i = 0; i < text.length; i += 1)
    if ((text.charCodeAt(i) & 0xf800) === 0xd800) return false
  return true
}

interface Row {
  /** What is written into it next is written over. */
  returned: boolean
  over: boolean
  /** Numbers of the first and the last character; 0 if there is none. */
  first: number
  last: number
}

/** Knows which lines were written over, and when each was written first and last. */
class WatchedScreen extends Screen {
  #rows: Row[] = []
  #written = 0

  isOver(row: number): boolean {
    return this.#at(row).over
  }

  /** Whether this row was still written when the other one had begun. */
  outlasts(row: number, other: number): boolean {
    return this.#at(row).last > this.#at(other).first
  }

  override put(character: string): void {
    const row = this.#at(this.row)
    if (character === '\r' || character === '\b') {
      row.returned = true
    } else if (character !== '\n') {
      this.#written += 1
      if (row.first === 0) row.first = this.#written
      row.last = this.#written
      row.over ||= row.returned
    }
    super.put(character)
  }

  override control(parameters: string, final: string): void {
    const [row, column] = [this.row, this.column]
    super.control(parameters, final)
    const erased = final === 'K' && (parameters === '1' || parameters === '2')
    if (erased || this.row < row || (this.row === row && this.column < column))
      this.#at(this.row).returned = true
    if (final === 'J')
      this.#rows.length = Math.min(
        this.#rows.length,
        parameters === '2' || parameters === '3' ? 0 : this.row + 1,
      )
  }

  #at(row: number): Row {
    return (this.#rows[row] ??= { returned: false, over: false, first: 0, last: 0 })
  }
}
