// Writes markdown from start to end. It treats white space as HTML does, puts marks around text,
// and begins each line of lists and quotes with their prefix. How much longer the result can be
// than the text is bounded: a mark is not opened twice, and only a few levels of nesting are shown.
import { escapeInline } from '../render/escape.ts'

/** Deeper lists and quotes are not indented any further. */
const MOST_LEVELS = 8
/** At the start of a line, these would begin a list, a heading or a rule, so they are escaped. */
const FIRST = /^(?:[-+=]|#{1,6}(?=\s|$))/
const NUMBER_FIRST = /^(\d{1,9})(?=[.)](?:\s|$))/

interface Mark {
  sign: string
  end: string
  isWritten: boolean
  /** For links: the mark is not opened again in the next paragraph. */
  isOnce: boolean
}

interface Level {
  /** The prefix of its first line; undefined when that was written. */
  first: string | undefined
  others: string
  kind: 'quote' | 'item' | 'heading'
}

export class MarkdownWriter {
  #text = ''
  #isEmpty = true
  #isLineStart = true
  #isBlank = false
  /** Number of line ends before the next text; `hard` is a line end that markdown keeps. */
  #break: 0 | 'hard' | 1 | 2 = 0
  readonly #marks: Mark[] = []
  readonly #levels: Level[] = []

  /** Returns what was written since the last call, with all marks closed. */
  take(): string {
    this.#endMarks()
    const text = this.#text.trim()
    this.#text = ''
    this.#isEmpty = true
    this.#isLineStart = true
    this.#isBlank = false
    this.#break = 0
    // The rest of a list item is written without the first line, so it must not be indented.
    for (const level of this.#levels)
      if (level.kind === 'item' && level.first === undefined) level.others = ''
    return text
  }

  /** Writes text of the document. Each run of white space becomes one blank. */
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

  /** Writes markdown inside a line. */
  raw(markdown: string): void {
    this.#begin()
    this.#append(markdown)
  }

  /** Writes markdown as lines of its own. */
  lines(markdown: string): void {
    this.paragraph()
    this.#beginLine()
    this.#append(markdown.replaceAll('\n', `\n${this.#lineStart()}`))
    this.paragraph()
  }

  /** Begins a new paragraph. */
  paragraph(): void {
    this.#break = 2
  }

  /** Begins a new line. */
  line(): void {
    if (this.#break !== 2) this.#break = 1
  }

  /** For `<br>`. Two of them leave an empty line; inside a heading, one is only a blank. */
  lineBreak(): void {
    if (this.#levels.at(-1)?.kind === 'heading') this.#isBlank = true
    else this.#break = this.#break === 0 ? 'hard' : 2
  }

  /** Puts marks around what `write` writes, unless they are open already or it writes nothing. */
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

  /** A list inside an item of another list follows the item's text without an empty line. */
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

  /**
   * Closes the marks, the innermost first. They are opened again in the next line, except links.
   */
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

  /** The prefix of an empty line, from the levels whose first line was written. */
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
