// Parsing a cell: as a TypeScript module, so that `await`, `import` and strict mode hold everywhere.
import { parseSync } from 'oxc-parser'
import type { OxcError, Program } from 'oxc-parser'
import { depth } from './lexer.ts'
import { someNode } from './syntax-tree.ts'

export type ParseError = Pick<OxcError, 'message' | 'helpMessage'> & {
  /** Offsets; the first is where the mistake shows. */
  labels: ReadonlyArray<{ start: number; end: number }>
}

export interface ParsedText {
  program: Program
  errors: ParseError[]
}

/** Brackets open at once; the native parser ends the process at some 3,000, and no error can be caught then. */
const deepest = 1000
/** Arrows, conditionals or type arguments in a row on one line, each of which may hold the next. */
const longestChain = 3000

/** Never throws: a text nested too deeply for the parser is refused as it would refuse it. */
export function parseTypeScript(text: string): ParsedText {
  if (isTooDeep(text)) return parseSource('', [tooDeep])
  return parseSource(text, [])
}

function parseSource(text: string, refused: ParseError[]): ParsedText {
  const { program, errors } = parseSync('cell.ts', text, {
    lang: 'ts',
    sourceType: 'module',
    showSemanticErrors: true,
  })
  return { program, errors: [...refused, ...errors] }
}

/** The exact count is for texts that have that many opening brackets at all. */
function isTooDeep(text: string): boolean {
  if (text.length <= deepest || (text.match(/[([{?<]|=>/g)?.length ?? 0) <= deepest) return false
  let opening = 0
  let chained = 0
  for (const [mark] of text.matchAll(/[([{]|=>|[?<;\n]/g)) {
    if (mark === ';' || mark === '\n') chained = 0
    else if (mark === '=>' || mark === '?' || mark === '<') chained++
    else opening++
    if (chained > longestChain) return true
  }
  return opening > deepest && depth(text) > deepest
}

const tooDeep: ParseError = {
  message: `Nested too deeply: at most ${deepest} brackets can be open at once, and ${longestChain} arrows or conditionals follow each other on a line`,
  labels: [{ start: 0, end: 0 }],
  helpMessage: null,
}

export function parseJavaScript(text: string): Program {
  return parseSync('cell.js', text, { lang: 'js', sourceType: 'module', astType: 'js' }).program
}

/** Where JSX begins in a text that would parse, were JSX allowed. */
export function jsxOffset(text: string): number | undefined {
  if (isTooDeep(text)) return undefined
  const { program, errors } = parseSync('cell.tsx', text, { lang: 'tsx', sourceType: 'module' })
  if (errors.length > 0) return undefined
  let first: number | undefined
  someNode(program, (node) => {
    if (node.type.startsWith('JSX')) first = Math.min(first ?? node.start, node.start)
    return false
  })
  return first
}
