// Parses a cell as a TypeScript module, so that `await`, `import` and strict mode work everywhere.
// A text that may nest too deeply for the native parser could end this process, so it is parsed
// only once another process has survived it (canary.ts).
import { parseSync } from 'oxc-parser'
import type { OxcError, Program } from 'oxc-parser'
import { mayNestTooDeeply } from './nesting.ts'

export type ParseError = Pick<OxcError, 'message' | 'helpMessage'> & {
  /** Offsets; the first is where the mistake shows. */
  labels: ReadonlyArray<{ start: number; end: number }>
}

/** A text is read as TypeScript with JSX only where TypeScript alone cannot read it. */
export type Language = 'ts' | 'tsx'

export interface ParsedText {
  program: Program
  language: Language
  errors: ParseError[]
}

export interface ParseOptions {
  /** Another process has parsed the text and survived. */
  isProven?: boolean
}

/** Never throws because of the text: one that may be too deep is refused as by the parser. */
export function parseTypeScript(text: string, { isProven = false }: ParseOptions = {}): ParsedText {
  if (!isProven && mayNestTooDeeply(text)) return parseSource('', 'ts', [tooDeep])
  const plain = parseSource(text, 'ts')
  if (plain.errors.length === 0 || !MAYBE_JSX.test(text)) return plain
  const withJsx = parseSource(text, 'tsx')
  if (withJsx.errors.length === 0) return withJsx
  // The person meant the reading that parses further.
  return IS_JSX.test(text) && placeOf(withJsx) > placeOf(plain) ? withJsx : plain
}

/** How to read a text that somebody still types: the reading that gets further. */
export function languageOf(text: string): Language {
  if (!MAYBE_JSX.test(text) || mayNestTooDeeply(text)) return 'ts'
  const plain = parseSource(text, 'ts')
  if (plain.errors.length === 0) return 'ts'
  const withJsx = parseSource(text, 'tsx')
  if (withJsx.errors.length === 0 || placeOf(withJsx) > placeOf(plain)) return 'tsx'
  // Where neither gets further the last tag may be unfinished.
  return placeOf(withJsx) === placeOf(plain) && isOpen(text) ? 'tsx' : 'ts'
}

function isOpen(text: string): boolean {
  return IS_JSX.test(text) || text.lastIndexOf('<') > text.lastIndexOf('>')
}

/** What begins JSX; most texts that do not parse have none. */
const MAYBE_JSX = /<[\p{L}_$>]/u
/** An end tag, an element without one, or an attribute. */
const IS_JSX = /<\/|\/>|=[{"']/

function parseSource(
  text: string,
  language: Language,
  refused: readonly ParseError[] = [],
): ParsedText {
  const { program, errors } = parseSync(`cell.${language}`, text, {
    lang: language,
    sourceType: 'module',
    showSemanticErrors: true,
  })
  return { program, language, errors: [...refused, ...errors] }
}

function placeOf({ errors: [error] }: ParsedText): number {
  return error?.labels[0]?.start ?? 0
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
