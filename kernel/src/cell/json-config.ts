// JSON with comments and commas, as TypeScript reads its configuration, as a syntax tree.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Expression } from 'oxc-parser'
import type * as Parser from 'oxc-parser'

/** Loaded when first needed: this file also runs where no cell is compiled. */
const loadParser: (name: 'oxc-parser') => typeof Parser = createRequire(import.meta.url)

/** Undefined if it cannot be read. Such JSON is an expression of TypeScript. */
export function readConfig(file: string): Expression | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch {
    // Somebody removed it, or may not read it.
    return undefined
  }
  const { program, errors } = loadParser('oxc-parser').parseSync('tsconfig.ts', `(${text}\n)`)
  const [statement] = program.body
  if (errors.length > 0 || statement?.type !== 'ExpressionStatement') return undefined
  const { expression } = statement
  return expression.type === 'ParenthesizedExpression' ? expression.expression : expression
}

export function property(config: Expression, name: string): Expression | undefined {
  if (config.type !== 'ObjectExpression') return undefined
  const found = config.properties.find((one) => one.type === 'Property' && nameOf(one.key) === name)
  return found?.type === 'Property' ? found.value : undefined
}

function nameOf(key: Parser.PropertyKey): string | undefined {
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined
}
