// One line of markdown source as a chat shows it: decoded, without invisible characters, blanks
// merged, link targets left out; with the positions where shown lines begin and where bold begins
// or ends.
import { isInvisible, shownAt } from './decode.ts'

export interface ShownRow {
  text: string
  lines: ShownLine[]
  /** Ascending indices in `text` where `**`, `__` or a heading's `#` were. */
  bold: number[]
}

export interface ShownLine {
  /** Index in the row's text. */
  from: number
  /** Index in the source of its first visible character; for a heading, after the `#`. */
  at: number
}

/** This many blanks push the next text to a new line in a narrow window. */
const WIDE_GAP = 4
const LINE_BREAK = /^[\n\v\f\r\u0085\u2028\u2029\u2424]/

/** @param from - Start of the line in the source; `to` is its end. */
export function shownRow(source: string, from: number, to: number): ShownRow {
  const row: ShownRow = { text: '', lines: [], bold: [] }
  const parts: string[] = []
  let length = 0
  const show = (text: string) => {
    parts.push(text)
    length += text.length
  }
  const blank = () => {
    if (parts.at(-1) !== ' ') show(' ')
  }
  const targets = new LinkTargets(source, to)
  let isStart = true
  let blanks = 0
  for (let at = from; at < to;) {
    const { text, end } = shownAt(source, at)
    const isEscaped = end !== at + 1
    if (isBlank(text)) {
      blanks += 1
      if (blanks >= WIDE_GAP || LINE_BREAK.test(text)) isStart = true
      blank()
      at = end
      continue
    }
    if (isInvisible(text)) {
      at = end
      continue
    }
    blanks = 0
    const heading = isStart && !isEscaped && text === '#' ? headingAt(source, at) : 0
    if (isStart) row.lines.push({ from: length, at: at + heading })
    isStart = false
    const mark = heading > 0 ? heading : isEscaped ? 0 : boldRun(source, at)
    if (mark > 0) {
      row.bold.push(length)
      blank()
      at += mark
      continue
    }
    show(text)
    at = text === ']' && !isEscaped ? targets.after(end) : end
  }
  row.text = parts.join('')
  return row
}

function boldRun(source: string, at: number): number {
  const character = source[at]
  if (character !== '*' && character !== '_') return 0
  const run = runOf(source, at)
  return run >= 2 ? run : 0
}

/** Length of a heading's `#` including the blanks after it. */
function headingAt(source: string, at: number): number {
  let end = at + runOf(source, at)
  while (source[end] === ' ') end++
  return end - at
}

/** Also the symbol for a line feed: Mattermost's page takes it for one. */
function isBlank(text: string): boolean {
  return text > ' ' && text <= '~' ? false : /^[\s\u0085\u2424]/.test(text)
}

function runOf(source: string, at: number): number {
  let end = at
  while (source[end] === source[at]) end++
  return end - at
}

/** Finds the ends of `](target)` and `][label]`; searches only once for a kind that is absent. */
class LinkTargets {
  readonly #source: string
  readonly #to: number
  #missing = new Set<string>()

  constructor(source: string, to: number) {
    this.#source = source
    this.#to = to
  }

  /** @param at - After a `]`. @returns After the target, or `at` if there is none. */
  after(at: number): number {
    const opening = this.#source[at]
    if ((opening !== '(' && opening !== '[') || at >= this.#to) return at
    const closing = opening === '(' ? ')' : ']'
    if (this.#missing.has(closing)) return at
    const end = this.#source.indexOf(closing, at)
    if (end !== -1 && end < this.#to) return end + 1
    this.#missing.add(closing)
    return at
  }
}
