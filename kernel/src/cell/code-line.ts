// The line of a magic whose text is code, such as `%timeit -n 10 f(x)`: flags of its own, then an
// expression or statements. The code stays in its place, so an error in it has its own position.
import { isExpression } from './interpolation.ts'
import { parseTypeScript } from './parse.ts'

/** A flag before the code. */
export interface CodeFlag {
  /** With dashes: `--loops`. */
  name: string
  /** `-n` */
  short?: string
  /** A flag without it is a switch. */
  value?: string
}

export interface CodeLine {
  /** By the name of the flag without dashes; a switch has the empty text. */
  options: Record<string, string>
  /** Offsets of the code in the line, without the semicolons at its end. */
  start: number
  end: number
  /** Two semicolons at its end: its value is not the cell's. */
  isQuiet: boolean
}

export type CodeForm = 'expression' | 'async expression' | 'statements' | 'async statements'

/** What does not begin with one of the flags is code: `-x`. */
export function codeLine(line: string, flags: readonly CodeFlag[]): CodeLine {
  const options: Record<string, string> = {}
  let start = skipBlanks(line, 0)
  while (line[start] === '-') {
    const word = wordAt(line, start)
    const next = skipBlanks(line, start + word.length)
    if (word === '--') {
      start = next
      break
    }
    const found = flagOf(word, flags)
    if (!found) break
    const { flag, attached } = found
    const key = flag.name.slice(2)
    if (flag.value === undefined || attached !== undefined) {
      options[key] = attached ?? ''
      start = next
      continue
    }
    const value = wordAt(line, next)
    options[key] = value
    start = skipBlanks(line, next + value.length)
  }
  const code = line.trimEnd()
  let end = code.length
  let semicolons = 0
  for (; end > start && ';\t '.includes(code.charAt(end - 1)); end--) {
    if (code[end - 1] === ';') semicolons += 1
  }
  return { options, start: Math.min(start, end), end, isQuiet: semicolons > 1 }
}

/** `-n 5`, `-n5`, `--loops 5` or `--loops=5`. */
function flagOf(
  word: string,
  flags: readonly CodeFlag[],
): { flag: CodeFlag; attached?: string } | undefined {
  const [name = '', attached] = word.split('=', 2)
  for (const flag of flags) {
    if (word === flag.name || word === flag.short) return { flag }
    if (flag.value === undefined) continue
    if (name === flag.name && attached !== undefined) return { flag, attached }
    const rest = flag.short !== undefined && word.startsWith(flag.short) ? word.slice(2) : ''
    if (/^\d+$/.test(rest)) return { flag, attached: rest }
  }
  return undefined
}

/** A text that does not parse counts as statements: the parser then says what is wrong with it. */
export function formOf(code: string): CodeForm {
  if (isExpression('()=>(', code)) return 'expression'
  if (isExpression('async()=>(', code)) return 'async expression'
  return parses(`()=>{${code}\n}`) || !parses(`async()=>{${code}\n}`)
    ? 'statements'
    : 'async statements'
}

function parses(text: string): boolean {
  return parseTypeScript(text).errors.length === 0
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at += 1
  return at
}

function wordAt(line: string, from: number): string {
  let end = from
  while (end < line.length && line[end] !== ' ' && line[end] !== '\t') end += 1
  return line.slice(from, end)
}
