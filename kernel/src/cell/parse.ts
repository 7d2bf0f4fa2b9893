// Parsing a cell: as a TypeScript module, so that `await`, `import` and strict mode hold everywhere.
import { parseSync } from 'oxc-parser'
import type { OxcError, Program } from 'oxc-parser'
import { descendants } from './syntax-tree.ts'

export interface ParsedText {
  program: Program
  errors: OxcError[]
}

export function parseTypeScript(text: string): ParsedText {
  const { program, errors } = parseSync('cell.ts', text, {
    lang: 'ts',
    sourceType: 'module',
    showSemanticErrors: true,
  })
  return { program, errors }
}

export function parseJavaScript(text: string): Program {
  return parseSync('cell.js', text, { lang: 'js', sourceType: 'module', astType: 'js' }).program
}

/** Whether a text that is no TypeScript would be, were JSX allowed. */
export function isJsx(text: string): boolean {
  const { program, errors } = parseSync('cell.tsx', text, { lang: 'tsx', sourceType: 'module' })
  return errors.length === 0 && descendants(program).some((node) => node.type.startsWith('JSX'))
}
