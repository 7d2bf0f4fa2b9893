// The compiler options of a folder's tsconfig.json that change what code does, as texts. A file
// that cannot be read counts as none: the language service says what is wrong with it.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import type { Expression } from 'oxc-parser'
import type * as Parser from 'oxc-parser'

/** Loaded when first needed: this file also runs where no cell is compiled. */
const loadParser: (name: 'oxc-parser') => typeof Parser = createRequire(import.meta.url)

/** How many files extend each other at most. */
const EXTENDED = 10

export type FolderOptions = Readonly<Record<string, string>>

/** Options of the nearest tsconfig.json, and of the files that it extends. */
export function folderOptions(folder: string): FolderOptions {
  const file = join(folder, 'tsconfig.json')
  if (existsSync(file)) return optionsOf(file, EXTENDED)
  const above = dirname(folder)
  return above === folder ? {} : folderOptions(above)
}

function optionsOf(file: string, left: number): FolderOptions {
  const config = left > 0 ? readConfig(file) : undefined
  if (!config) return {}
  const base = textOf(property(config, 'extends'))
  const inherited = base === undefined ? {} : optionsOf(extended(file, base), left - 1)
  const own: Record<string, string> = {}
  const options = property(config, 'compilerOptions')
  if (options?.type !== 'ObjectExpression') return inherited
  for (const one of options.properties) {
    const name = one.type === 'Property' ? nameOf(one.key) : undefined
    const text = one.type === 'Property' ? textOf(one.value) : undefined
    if (name !== undefined && text !== undefined) own[name] = text
  }
  return { ...inherited, ...own }
}

function extended(file: string, base: string): string {
  const isPath = base.startsWith('.') || isAbsolute(base)
  const path = isPath ? join(isAbsolute(base) ? '' : dirname(file), base) : packaged(file, base)
  return existsSync(path) || path.endsWith('.json') ? path : `${path}.json`
}

function packaged(file: string, base: string): string {
  try {
    return createRequire(file).resolve(base)
  } catch {
    // Not installed: it has no options.
    return base
  }
}

/**
 * Undefined if it cannot be read. JSON with comments and commas, as TypeScript reads it, is an
 * expression of TypeScript.
 */
export function readConfig(file: string): Expression | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
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

function textOf(value: Expression | undefined): string | undefined {
  if (value?.type !== 'Literal') return undefined
  return typeof value.value === 'string' ? value.value : (value.raw ?? undefined)
}
