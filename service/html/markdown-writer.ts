// Writes markdown from its start to its end: white space as HTML reads it, marks around what they
// hold, lists and quotes as what each line begins with. The result is longer than the text by a
// factor that is known: no mark opens twice, few levels are told apart.
import { escapeInline } from '../render/escape.ts'

/** Lists in lists: deeper ones are not set in any further. */
const MOST_LEVELS = 8
/** What would be a list, a heading or a line if it stood first: escaped there. */
const FIRST = /^(?:[-+=]|#{1,6}(?=\s|$))/
const NUMBER_FIRST = /^(\d{1,9})(?=[.)](?:\s|$))/

interface Mark {
  sign: string
  end: string
  isWritten: boolean
  /** A link: it is not begun again in the next paragraph. */
  isOnce: boolean
}

interface Level {
  /** What its first line begins with, until that is written. */
  first: string | undefined
  others: string
  kind: 'quote' | 'item' | 'heading'
}

export class MarkdownWriter {
  #text = ''
  #isEmpty = true
  #isLineStart = true
  #isBlank = false
  /** Line ends wanted before what comes next; `hard` is one that markdown keeps. */
  #break: 0 | 'hard' | 1 | 2 = 0
  readonly #marks: Mark[] = []
  readonly #levels: Level[] = []

  /** What was written since the last time, complete by itself. */
  take(): string {
    this.#endMarks()
    const text = this.#text.trim()
    this.#text = ''
    this.#isEmpty = true
    this.#isLineStart = true
    this.#isBlank = false
    this.#break = 0
    // What follows in the same item of a list is no longer below its first line.
    for (const level of this.#levels)
      if (level.kind === 'item' && level.first === undefined) level.others = ''
    return text
  }

  /** Text of the document, any run of white space one blank. */
  write(text: string): void {
    const words = text.replaceAll(/[ \t\n\r\f]+/g, ' ')
    if (words.startsWith(' ')) this.#isBlank = true
    const trimmed = words.slice(words.startsWith(' ') ? 1 : 0, words.endsWith(' ') ? -1 : undefined)
    if (trimmed === '' || trimmed === ' ') return
    this.#begin()
    const shown = escapeInline(trimmed)
    const isFirst = this.#isLineStart
    this.#append(isFirst ? shown.replace(FIRST, '\\$&').replace(NUMBER_FIRST, '$1\\') : shown)
    this.#isBlank = words.endsWith(' ')
  }

  /** Markdown that stands in a line. */
  raw(markdown: string): void {
    this.#begin()
    this.#append(markdown)
  }

  /** Markdown lines of their own. */
  lines(markdown: string): void {
    this.paragraph()
    this.#beginLine()
    this.#append(markdown.replaceAll('\n', `\n${this.#lineStart()}`))
    this.paragraph()
  }

  /** What comes next is a paragraph of its own. */
  paragraph(): void {
    this.#break = 2
  }

  /** What comes next stands on a line of its own. */
  line(): void {
    if (this.#break !== 2) this.#break = 1
  }

  /** As `<br>`: two of them leave an empty line. A heading has one line. */
  lineBreak(): void {
    if (this.#levels.at(-1)?.kind === 'heading') this.#isBlank = true
    else this.#break = this.#break === 0 ? 'hard' : 2
  }

  /** Writes with marks around it. Those that are open already, or hold nothing, are not written. */
  marked(sign: string, end: string, write: () => void, isOnce = false): void {
    if (this.#marks.some((open) => open.sign === sign)) {
      write()
      return
    }
    const mark: Mark = { sign, end, isWritten: false, isOnce }
    this.#marks.push(mark)
    write()
    if (mark.isWritten) this.#text += mark.end
    const at = this.#marks.indexOf(mark)
    if (at !== -1) this.#marks.splice(at, 1)
  }

  quote(write: () => void): void {
    this.#apart(() => this.#inside({ first: '> ', others: '> ', kind: 'quote' }, write))
  }

  heading(depth: number, write: () => void): void {
    this.#apart(() =>
      this.#inside({ first: `${'#'.repeat(depth)} `, others: '', kind: 'heading' }, write),
    )
  }

  /** A list in an item of another one follows its text at once. */
  list(write: () => void): void {
    const isNested = this.#levels.at(-1)?.kind === 'item'
    if (isNested) this.line()
    else this.paragraph()
    write()
    if (isNested) this.line()
    else this.paragraph()
  }

  /** @param sign - `-` or `1.` */
  item(sign: string, write: () => void): void {
    this.line()
    const first = `${sign}${' '.repeat(Math.max(2, 4 - sign.length))}`
    this.#inside({ first, others: ' '.repeat(first.length), kind: 'item' }, write)
    this.line()
  }

  #apart(write: () => void): void {
    this.paragraph()
    write()
    this.paragraph()
  }

  #inside(level: Level, write: () => void): void {
    if (this.#levels.length >= MOST_LEVELS) {
      write()
      return
    }
    this.#levels.push(level)
    write()
    this.#levels.pop()
  }

  #beginLine(): void {
    if (this.#isEmpty) this.#text += this.#lineStart()
    else if (this.#break !== 0) this.#endLine()
    else if (this.#isBlank && !this.#isLineStart) this.#text += ' '
    this.#isEmpty = false
    this.#isBlank = false
    this.#break = 0
  }

  #begin(): void {
    this.#beginLine()
    for (const mark of this.#marks) {
      if (mark.isWritten) continue
      this.#text += mark.sign
      mark.isWritten = true
      this.#isLineStart = false
    }
  }

  #endLine(): void {
    this.#endMarks()
    if (this.#break === 'hard') this.#text += '  '
    if (this.#break === 2) this.#text += `\n${this.#emptyLine()}`
    this.#text += `\n${this.#lineStart()}`
    this.#isLineStart = true
  }

  /** From the innermost; they go on in the next line, except for links. */
  #endMarks(): void {
    for (let at = this.#marks.length - 1; at >= 0; at--) {
      const mark = this.#marks[at]
      if (!mark?.isWritten) continue
      this.#text += mark.end
      mark.isWritten = false
      if (mark.isOnce) this.#marks.splice(at, 1)
    }
  }

  #lineStart(): string {
    return this.#levels
      .map((level) => {
        const { first = level.others } = level
        level.first = undefined
        return first
      })
      .join('')
  }

  /** Of the levels that have begun. */
  #emptyLine(): string {
    return this.#levels
      .map(({ first, others }) => (first === undefined ? others : ''))
      .join('')
      .trimEnd()
  }

  #append(markdown: string): void {
    this.#text += markdown
    this.#isLineStart = false
  }
}
