// TeX as notebooks write it: text with formulas in it. One scanner finds them as LaTeX does: braces
// and environments nest, `\$` is no dollar, `%` hides the rest of a line. It takes time in
// proportion to the text. It imports nothing, because the inbox page uses it too.

export type TexPart =
  | { kind: 'text'; text: string }
  /** Without its dollars or brackets. `display`: on a line of its own. */
  | { kind: 'formula'; tex: string; display: boolean }

/** UTF-16 units. Longer text is code: no chat draws a formula of that size. */
const MOST = 100_000

/**
 * The text and the formulas, in order. Text in which nothing marks a formula is one formula, unless
 * it reads as words.
 */
export function texParts(text: string): TexPart[] {
  const whole = text.trim()
  if (whole === '') return []
  const alone: TexPart[] = [{ kind: 'formula', tex: whole, display: true }]
  if (whole.length > MOST) return alone
  const found = formulasIn(whole)
  if (found.length === 0)
    return isProse(whole) || hasDollar(whole) ? [{ kind: 'text', text: shown(whole) }] : alone
  // `\text{if $x$}`: what is around the dollars is TeX too.
  if (found.every(({ depth }) => depth > 0) && whole.includes('\\')) return alone
  const parts: TexPart[] = []
  let end = 0
  for (const { start, end: next, tex, display } of found) {
    addText(parts, whole.slice(end, start))
    parts.push({ kind: 'formula', tex, display })
    end = next
  }
  addText(parts, whole.slice(end))
  return parts
}

/** TeX without the dollars or brackets around it, if it is one formula; else the text as it is. */
export function bareTex(text: string): string {
  const [first, second] = texParts(text)
  return first?.kind === 'formula' && second === undefined ? first.tex : text.trim()
}

function addText(parts: TexPart[], text: string): void {
  if (text.trim() !== '') parts.push({ kind: 'text', text: shown(text) })
}

/** Text as LaTeX shows it: the characters that need a backslash there without it. */
function shown(text: string): string {
  return text.replaceAll(/\\([$%&#_{}\\])/g, (_, character: string) =>
    character === '\\' ? '\n' : character,
  )
}

/** A dollar that opens no formula is text, unless commands show that a formula was meant. */
function hasDollar(text: string): boolean {
  return !/\\[A-Za-z]/.test(text) && text.replaceAll(/\\[^]/g, '').includes('$')
}

/** Two words side by side and nothing of TeX. */
function isProse(text: string): boolean {
  if (/[\\^_{}=]/.test(text)) return false
  const words = text.split(/\s+/).map((word) => /^[\p{L}’']{2,}[.,;:!?]*$/u.test(word))
  return words.some((isWord, n) => isWord && words[n + 1] === true)
}

interface Found {
  start: number
  end: number
  tex: string
  display: boolean
  /** Number of braces around it. */
  depth: number
}

function formulasIn(text: string): Found[] {
  const tokens = tokensOf(text, false)
  const asLatex = closingsOf(text, tokensOf(text, true))
  // A sign for percent in text hides nothing: `5 % of $x$`.
  const asTyped = closingsOf(text, tokens)
  const found: Found[] = []
  let end = 0
  let depth = 0
  for (const { kind, at } of tokens) {
    if (at < end) continue
    if (kind === '{') depth += 1
    if (kind === '}') depth = Math.max(0, depth - 1)
    const closing = asLatex.get(at) ?? asTyped.get(at)
    if (closing === undefined) continue
    end = closing.end
    const { mark, display } = closing
    const tex = text.slice(at + mark, end - mark).trim()
    found.push({ start: at, end, tex, display, depth })
  }
  return found
}

type Kind = '$' | '{' | '}' | '\\(' | '\\)' | '\\[' | '\\]' | '\\begin' | '\\end' | 'paragraph'

interface Token {
  kind: Kind
  at: number
  /** Of an environment. */
  name: string
  /** Index after it. */
  end: number
}

const BRACKETS = new Map<string, Kind>([
  ['(', '\\('],
  [')', '\\)'],
  ['[', '\\['],
  [']', '\\]'],
])
const ENVIRONMENT = /\\(begin|end) ?\{([A-Za-z]{1,40}\*?)\}/y
const BLANK_LINE = /\n[ \t]*\n/y

function tokensOf(text: string, comments: boolean): Token[] {
  const tokens: Token[] = []
  const push = (kind: Kind, at: number, end = at + 1, name = '') =>
    tokens.push({ kind, at, end, name })
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '$' || character === '{' || character === '}') push(character, at)
    else if (character === '%' && comments) {
      const line = text.indexOf('\n', at)
      at = line === -1 ? text.length : line - 1
    } else if (character === '\n') {
      BLANK_LINE.lastIndex = at
      if (BLANK_LINE.test(text)) push('paragraph', at)
    } else if (character === '\\') {
      const bracket = BRACKETS.get(text[at + 1] ?? '')
      ENVIRONMENT.lastIndex = at
      const environment = ENVIRONMENT.exec(text)
      if (bracket) push(bracket, at, at + 2)
      else if (environment) {
        const kind = environment[1] === 'begin' ? '\\begin' : '\\end'
        push(kind, at, at + environment[0].length, environment[2])
      }
      at += 1
    }
  }
  return tokens
}

interface Closing {
  /** Index after the formula. */
  end: number
  /** Length of the marks around it; an environment is its own mark. */
  mark: number
  display: boolean
}

/** What may close a formula, in one group of braces: the nearest on the right. */
class Group {
  dollar = Infinity
  /** Where the nearest two `$$` start. */
  double = [Infinity, Infinity] as const
  readonly brackets = new Map<Kind, number>()
  readonly ends = new Map<string, number[]>()
}

/** For each start of a formula, where it ends: read from right to left, so that one pass does. */
function closingsOf(text: string, tokens: readonly Token[]): Map<number, Closing> {
  const closings = new Map<number, Closing>()
  let groups = [new Group()]
  /** A formula in a line ends with its paragraph at the latest. */
  let paragraph = Infinity
  const close = (at: number, end: number, mark: number, display: boolean) => {
    const isEmpty = mark > 0 && text.slice(at + mark, end - mark).trim() === ''
    if (end < Infinity && !isEmpty) closings.set(at, { end, mark, display })
  }
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    const token = tokens[index]
    const group = groups.at(-1)
    if (!token || !group) break
    const { kind, at, name } = token
    switch (kind) {
      case '}':
        groups.push(new Group())
        break
      case '{':
        // A brace that is never closed: nothing before it can end after it.
        if (groups.length === 1) groups = [new Group()]
        else groups.pop()
        break
      case 'paragraph':
        paragraph = at
        break
      case '\\)':
      case '\\]':
        group.brackets.set(kind, at)
        break
      case '\\(':
      case '\\[': {
        const other = kind === '\\(' ? '\\)' : '\\]'
        const end = group.brackets.get(other) ?? Infinity
        // The nearest one takes it.
        group.brackets.delete(other)
        if (kind === '\\[' || end < paragraph) close(at, end + 2, 2, kind === '\\[')
        break
      }
      case '\\end':
        group.ends.set(name, [...(group.ends.get(name) ?? []).slice(-MOST_NESTED), token.end])
        break
      case '\\begin':
        close(at, group.ends.get(name)?.pop() ?? Infinity, 0, true)
        break
      case '$': {
        const isDouble = text[at + 1] === '$'
        const [first, second] = group.double
        if (isDouble) {
          close(at, (first === at + 1 ? second : first) + 2, 2, true)
          group.double = [at, first]
        } else if (group.dollar < paragraph && !isPrice(text, at, group.dollar))
          close(at, group.dollar + 1, 1, false)
        group.dollar = at
        break
      }
    }
  }
  return closings
}

/** Environments of one name inside each other. */
const MOST_NESTED = 20

/** `$5 and $6`: no formula begins with a digit and ends with a blank or before a digit. */
function isPrice(text: string, open: number, close: number): boolean {
  const isDigit = (at: number) => /\d/.test(text[at] ?? '')
  return isDigit(open + 1) && (isDigit(close + 1) || /\s/.test(text[close - 1] ?? ''))
}
