// What a folder's `tsconfig.json` and those that it extends say where TypeScript 7 knows no such
// option any more, and which declarations they name.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { Node } from 'oxc-parser'
import { parseTypeScript } from '../../cell/parse.ts'
import { isObject } from '../../protocol/json.ts'

export interface ProjectConfig {
  /** Instead of its own and of `baseUrl`; undefined if they hold as they are. */
  paths: Record<string, string[]> | undefined
  /** Its patterns, for declaration files only. */
  include: string[]
}

/** Configurations that extend each other. */
const DEEPEST = 20

type Options = Record<string, unknown>
/** The folder of the configuration that says it, and what it says. */
type Said = { folder: string; value: unknown }

/** @throws {Error} if one of them cannot be used. */
export function projectConfig(file: string): ProjectConfig {
  const said = new Map<string, Said>()
  read(file, said, 0)
  const base = said.get('baseUrl')
  const paths = said.get('paths')
  return {
    paths: base && typeof base.value === 'string' ? translated(base, paths) : undefined,
    include: ['files', 'include'].flatMap((name) => declarationsIn(said.get(name))),
  }
}

/** Those that come later override those before. */
function read(file: string, said: Map<string, Said>, depth: number): void {
  if (depth > DEEPEST) throw new Error(`more than ${DEEPEST} configurations extend each other`)
  const config = parsed(file)
  const folder = dirname(file)
  for (const parent of [config['extends']].flat()) {
    if (typeof parent === 'string') read(found(parent, file), said, depth + 1)
  }
  const options = isObject(config['compilerOptions']) ? config['compilerOptions'] : {}
  for (const name of ['baseUrl', 'paths']) {
    if (name in options) said.set(name, { folder, value: options[name] })
  }
  for (const name of ['files', 'include']) {
    if (name in config) said.set(name, { folder, value: config[name] })
  }
}

function found(parent: string, file: string): string {
  const isPath = parent.startsWith('.') || isAbsolute(parent)
  const named = isPath ? resolve(dirname(file), parent) : parent
  const { resolve: find } = createRequire(file)
  const names = [named, `${named}.json`, `${named}/tsconfig.json`]
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    try {
      return find(name)
    } catch (error) {
      // The next one, perhaps.
      if (!Error.isError(error) || !('code' in error)) throw error
    }
  }
  throw new Error(`${file} extends ${parent}, which is not there`)
}

/** What `baseUrl` finds is what a path for all names finds. */
function translated(base: Said, paths: Said | undefined): Record<string, string[]> {
  const root = resolve(base.folder, String(base.value))
  const all: Record<string, string[]> = {}
  for (const [name, targets] of Object.entries(isObject(paths?.value) ? paths.value : {})) {
    if (Array.isArray(targets)) all[name] = targets.map((one) => resolve(root, String(one)))
  }
  return { ...all, '*': [...(all['*'] ?? []), join(root, '*')] }
}

function declarationsIn(said: Said | undefined): string[] {
  const patterns = Array.isArray(said?.value) ? said.value : []
  return patterns.flatMap((pattern) => {
    if (typeof pattern !== 'string' || said === undefined) return []
    const path = resolve(said.folder, pattern)
    if (path.endsWith('.d.ts')) return [path]
    const last = path.slice(path.lastIndexOf('/') + 1)
    if (last === '**' || last === '*') return [`${path}${last === '**' ? '/*' : ''}.d.ts`]
    return last.includes('.') ? [] : [`${path}/**/*.d.ts`]
  })
}

/** JSON with comments and commas as TypeScript reads it, which is an expression of TypeScript. */
function parsed(file: string): Options {
  const { program, errors } = parseTypeScript(`(${readFileSync(file, 'utf8')}\n)`)
  const [statement] = program.body
  const [error] = errors
  if (error) throw new Error(`${file}: ${error.message}`)
  const value =
    statement?.type === 'ExpressionStatement' ? valueOf(statement.expression) : undefined
  if (!isObject(value)) throw new Error(`${file}: it is no JSON object`)
  return value
}

function valueOf(node: Node): unknown {
  switch (node.type) {
    case 'ParenthesizedExpression':
      return valueOf(node.expression)
    case 'Literal':
      return node.value
    case 'ArrayExpression':
      return node.elements.map((one) => (one === null ? null : valueOf(one)))
    case 'ObjectExpression':
      return Object.fromEntries(
        node.properties.flatMap((one) =>
          one.type === 'Property' && one.key.type === 'Literal'
            ? [[String(one.key.value), valueOf(one.value)]]
            : [],
        ),
      )
    default:
      return undefined
  }
}
