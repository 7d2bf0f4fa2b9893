// Parses a cell as a TypeScript module, so that `await`, `import` and strict mode work everywhere.
// A text that may nest too deeply for the native parser could end this process, so it is parsed
// only once another process has survived it (canary.ts).
import { parseSync } from 'oxc-parser'
import type { OxcError, Program } from 'oxc-parser'
import { mayNestTooDeeply } from './nesting.ts'
import { someNode } from './syntax-tree.ts'

export type ParseError = Pick<OxcError, 'message' | 'helpMessage'> & {
  /** Offsets; the first is where the mistake shows. */
  labels: ReadonlyArray<{ start: number; end: number }>
}

export interface ParsedText {
  program: Program
  errors: ParseError[]
}

export interface ParseOptions {
  /** Another process has parsed the text and survived. */
  isProven?: boolean
}

/** Never throws because of the text: one that may be too deep is refused as by the parser. */
export function parseTypeScript(text: string, { isProven = false }: ParseOptions = {}): ParsedText {
  if (!isProven && mayNestTooDeeply(text)) return parseSource('', [tooDeep])
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

export const TOO_DEEP =
  'Nested too deeply for the parser: brackets, conditions or loops inside each other. Split it into smaller parts'

const tooDeep: ParseError = {
  message: TOO_DEEP,
  labels: [{ start: 0, end: 0 }],
  helpMessage: null,
}

/** Parses what the compiler made of a text that was parsed before. */
export function parseJavaScript(text: string): Program {
  return parseSync('cell.js', text, { lang: 'js', sourceType: 'module', astType: 'js' }).program
}

/** Where JSX begins in a text that would parse if JSX were allowed. */
export function jsxOffset(
  text: string,
  { isProven = false }: ParseOptions = {},
): number | undefined {
  if (!isProven && mayNestTooDeeply(text)) return undefined
  const { program, errors } = parseSync('cell.tsx', text, { lang: 'tsx', sourceType: 'module' })
  if (errors.length > 0) return undefined
  let first: number | undefined
  someNode(program, (node) => {
    if (node.type.startsWith('JSX')) first = Math.min(first ?? node.start, node.start)
    return false
  })
  return first
}
