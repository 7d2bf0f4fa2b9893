// Blanks that begin the line after an unfinished one, as editors put them there: those of the line
// before, and one step more behind an open bracket, a head without its body or an operator.

const STEP = '  '
/** Wider steps are no steps: the line was aligned with something. */
const WIDEST = 8

export function nextIndent(code: string): string {
  const lines = linesOf(code)
  const last = lines.at(-1) ?? ''
  const indent = indentOf(last)
  return goesDeeper(last, lines.at(-2) ?? '') ? indent + stepOf(lines) : indent
}

/** That of the last line with text: for text that is no TypeScript. */
export function sameIndent(text: string): string {
  return indentOf(linesOf(text).at(-1) ?? '')
}

function linesOf(text: string): string[] {
  return text.split(/[\n\r]/).filter((line) => line.trim() !== '')
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? ''
}

/** What the first line that is further in than the one before has more. */
function stepOf(lines: readonly string[]): string {
  if (lines.some((line) => line.startsWith('\t'))) return '\t'
  for (const [index, line] of lines.entries()) {
    const more = indentOf(line).length - indentOf(lines[index - 1] ?? line).length
    // One blank is that of a comment's stars.
    if (more > 1 && more <= WIDEST) return ' '.repeat(more)
  }
  return STEP
}

function goesDeeper(line: string, before: string): boolean {
  const { code, isOpen, isHead } = scan(line)
  if (isOpen || isHead || /(?:=>|:)$/.test(code) || /(?:^|[\s}])(?:else|do)$/.test(code))
    return true
  // A line that goes on from the one before is further in already.
  const isLater = '.?:|&'.includes(code.charAt(0)) || wantsOperand(scan(before).code)
  return !isLater && wantsOperand(code)
}

/** Words that something must follow in the same statement. */
const WANTING = new Set(
  'typeof void delete new await throw as satisfies extends instanceof in from default import export const var let'.split(
    ' ',
  ),
)
/** Without `>`, which ends type arguments, and `/`, which ends a regular expression. */
const OPERATORS = '=+-*%&|^~<?'

function wantsOperand(code: string): boolean {
  const last = code.at(-1) ?? ''
  const before = code.at(-2) ?? ''
  if (last === '+' || last === '-') return before !== last
  if (last === '!' || last === '/') return before === '' || before === ' '
  if (last === '.') return !/\d/.test(before)
  return OPERATORS.includes(last) ? last !== '' : WANTING.has(lastWord(code))
}

function lastWord(code: string): string {
  let start = code.length
  while (start > 0 && /[\w$.]/.test(code.charAt(start - 1))) start--
  return code.slice(start)
}

const HEADS = new Set(['if', 'for', 'while', 'with', 'for await'])
const CLOSERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

interface Bracket {
  mark: string
  /** The word before it. */
  word: string
}

/** A line without strings and comments. @returns `isHead` if it ends as `if (...)` does. */
function scan(line: string): { code: string; isOpen: boolean; isHead: boolean } {
  const open: Bracket[] = []
  let code = ''
  let isHead = false
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at)
    if (character === '"' || character === "'" || character === '`') {
      at = endOfString(line, at)
      code += character
    } else if (line.startsWith('//', at)) {
      break
    } else if (line.startsWith('/*', at)) {
      const end = line.indexOf('*/', at + 2)
      at = end < 0 ? line.length : end + 1
    } else {
      if ('([{'.includes(character)) open.push({ mark: character, word: headBefore(code) })
      const opening = CLOSERS[character]
      if (opening !== undefined && open.at(-1)?.mark === opening) {
        isHead = HEADS.has(open.pop()?.word ?? '')
      } else if (character.trim() !== '') {
        isHead = false
      }
      code += character
    }
  }
  return { code: code.trim(), isOpen: open.length > 0, isHead }
}

function headBefore(code: string): string {
  const text = code.trimEnd()
  const word = lastWord(text)
  return word === 'await' && lastWord(text.slice(0, -word.length).trimEnd()) === 'for'
    ? 'for await'
    : word
}

/** Offset of the quote that ends it, or of the `$` of a template's `${`. */
function endOfString(line: string, start: number): number {
  const quote = line.charAt(start)
  for (let at = start + 1; at < line.length; at++) {
    if (line.charAt(at) === '\\') at++
    else if (line.charAt(at) === quote) return at
    else if (quote === '`' && line.startsWith('${', at)) return at
  }
  return line.length
}
