// Text as a terminal would leave it on its screen. Carriage returns, backspaces, cursor moves and
// erasing are applied; colours and all other escape sequences are removed (ECMA-48). A progress bar
// ends as its last state.
import limits from '../contract/limits.json' with { type: 'json' }

const ESC = '\u001b'
const BEL = '\u0007'
const CSI_8BIT = '\u009b'

/**
 * The screen after `text` was written. It has no size: lines never wrap and never scroll away.
 *
 * @param mostBlanks - Most blank cells that moves to the right make; later ones count for nothing.
 */
export function terminalText(text: string, mostBlanks = MOST_BLANKS): string {
  const plain = text.replaceAll('\r\n', '\n')
  if (!hasControls(plain)) return plain
  const screen = new Screen(mostBlanks)
  draw(plain, screen)
  return screen.lines().join('\n')
}

export function draw(text: string, screen: Screen): void {
  const plain = text.replaceAll('\r\n', '\n')
  let position = 0
  while (position < plain.length) {
    const character = String.fromCodePoint(plain.codePointAt(position) ?? 0)
    if (character === ESC || character === CSI_8BIT) {
      position = escape(plain, position, screen)
    } else {
      screen.put(character)
      position += character.length
    }
  }
}

/**
 * The text without escape sequences and other control characters. They are removed, not applied.
 */
export function withoutEscapes(text: string): string {
  let shown = ''
  let position = 0
  while (position < text.length) {
    const character = text.charAt(position)
    if (character === ESC || character === CSI_8BIT) {
      position = escape(text, position, { control: () => undefined })
    } else {
      if (!hasControls(character)) shown += character
      position += 1
    }
  }
  return shown
}

/** Whether it has control characters other than tabs and line ends. */
export function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if ((code < 32 && code !== 9 && code !== 10) || (code >= 127 && code < 160)) return true
  }
  return false
}

/**
 * Applies the sequence at `start` and returns the position after it. An unfinished sequence reaches
 * to the end of the text.
 */
function escape(text: string, start: number, screen: Pick<Screen, 'control'>): number {
  const kind = text[start] === CSI_8BIT ? '[' : text[start + 1]
  const from = text[start] === CSI_8BIT ? start + 1 : start + 2
  if (kind === '[') {
    let end = from
    while (end < text.length && !isBetween(text, end, '@', '~')) end += 1
    screen.control(text.slice(from, end), text[end] ?? '')
    return end + 1
  }
  // Strings (titles, links, images) end with BEL or ST.
  if (kind !== undefined && 'PX]^_'.includes(kind)) {
    for (let end = from; end < text.length; end += 1) {
      if (kind === ']' && text[end] === BEL) return end + 1
      if (text.startsWith(`${ESC}\\`, end)) return end + 2
    }
    return text.length
  }
  let end = start + 1
  while (end < text.length && isBetween(text, end, ' ', '/')) end += 1
  return end + 1
}

function isBetween(text: string, index: number, low: string, high: string): boolean {
  const code = text.charCodeAt(index)
  return code >= low.charCodeAt(0) && code <= high.charCodeAt(0)
}

/** Most blank cells that moves to the right may make in all: a few bytes can ask for thousands. */
const { farthestColumn: FARTHEST, blanks: MOST_BLANKS } = limits.terminal

interface Line {
  cells: string[]
  /** How many cells from the left are known to be blank, so that they need not be erased again. */
  blank: number
}

export class Screen {
  readonly #lines: Line[] = [{ cells: [], blank: 0 }]
  #row = 0
  #column = 0
  #blanksLeft: number

  constructor(mostBlanks = MOST_BLANKS) {
    this.#blanksLeft = mostBlanks
  }

  put(character: string): void {
    switch (character) {
      case '\n':
        this.#moveTo(this.#row + 1, 0)
        break
      case '\r':
        this.#column = 0
        break
      case '\b':
        this.#column = Math.max(0, this.#column - 1)
        break
      default:
        if (character === '\t' || !hasControls(character)) this.#write(character)
    }
  }

  /** Applies a CSI sequence: cursor moves and erasing. Colours and modes do not change the text. */
  control(parameters: string, final: string): void {
    const count = Math.max(1, Number.parseInt(parameters, 10) || 1)
    switch (final) {
      case 'A':
        this.#moveTo(this.#row - count, this.#column)
        break
      case 'B':
        this.#moveTo(this.#row + count, this.#column)
        break
      case 'C':
        this.#moveTo(this.#row, this.#column + count)
        break
      case 'D':
        this.#moveTo(this.#row, this.#column - count)
        break
      case 'E':
        this.#moveTo(this.#row + count, 0)
        break
      case 'F':
        this.#moveTo(this.#row - count, 0)
        break
      case 'G':
        this.#moveTo(this.#row, count - 1)
        break
      case 'J':
        this.#eraseScreen(parameters)
        break
      case 'K':
        this.#eraseLine(parameters)
        break
    }
  }

  lines(): string[] {
    // Erasing a bar leaves spaces at the end of a line, which are no text.
    return this.#lines.map(({ cells }) => cells.join('').trimEnd())
  }

  get row(): number {
    return this.#row
  }

  get column(): number {
    return this.#column
  }

  get #line(): Line {
    const line = this.#lines[this.#row]
    if (line === undefined) throw new Error(`No line ${this.#row} of ${this.#lines.length}`)
    return line
  }

  #write(character: string): void {
    const line = this.#line
    const gap = Math.max(0, this.#column - line.cells.length)
    if (gap > this.#blanksLeft) this.#column = line.cells.length
    else this.#blanksLeft -= gap
    while (line.cells.length < this.#column) line.cells.push(' ')
    line.cells[this.#column] = character
    line.blank = Math.min(line.blank, this.#column)
    this.#column += 1
  }

  #moveTo(row: number, column: number): void {
    // A sequence may ask for a line far away: at most one line is added.
    this.#row = Math.min(Math.max(0, row), this.#lines.length)
    this.#column = Math.min(Math.max(0, column), FARTHEST)
    if (this.#row === this.#lines.length) this.#lines.push({ cells: [], blank: 0 })
  }

  #eraseLine(parameters: string): void {
    const line = this.#line
    if (parameters === '' || parameters === '0') {
      line.cells.length = Math.min(line.cells.length, this.#column)
    } else if (parameters === '1') {
      line.cells.fill(' ', line.blank, this.#column + 1)
      line.blank = Math.max(line.blank, Math.min(this.#column + 1, line.cells.length))
    } else {
      line.cells.length = 0
    }
    line.blank = Math.min(line.blank, line.cells.length)
  }

  #eraseScreen(parameters: string): void {
    if (parameters === '2' || parameters === '3') {
      this.#lines.splice(0, this.#lines.length, { cells: [], blank: 0 })
      this.#row = 0
      this.#column = 0
    } else if (parameters === '' || parameters === '0') {
      this.#eraseLine('0')
      this.#lines.length = this.#row + 1
    }
  }
}
