// Files that cells import: local TypeScript is lowered to JavaScript with its source map,
// decorators and enums included, as the folder's `tsconfig.json` asks. Adds the place of a syntax
// error, which Node leaves out for modules. Compilers are loaded when first needed: most notebooks
// import no TypeScript.
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'
import { types } from 'node:util'
import type * as Oxc from 'oxc-transform'
import type * as Parser from 'oxc-parser'
import { JSON, Math, Reflect, SyntaxError } from '../../api/primordials.ts'
import { decoratorsOf } from '../../cell/decorator-options.ts'
import { jsxOptionsOf } from '../../cell/jsx-options.ts'
import { endsCompiler } from './deep-files.ts'
import { parameterDecorator } from './parameter-decorators.ts'
import { lowerWithSwc } from './lowering-options.ts'
import { withOwnNames } from './own-names.ts'
import type { CompilerOptions } from './project.ts'
import { markTypeExports } from './reexports.ts'
import type { Find } from './reexports.ts'

const require = createRequire(import.meta.url)
const loadOxc: (name: 'oxc-transform') => typeof Oxc = require
const loadParser: (name: 'oxc-parser') => typeof Parser = require

/** May need more than oxc lowers: decorators, `accessor`. */
const MAYBE_DECORATORS = /@[\w$(]|\baccessor\b/
const NEEDS_OLD =
  'A parameter has a decorator, which needs "experimentalDecorators": true in tsconfig.json'
const TOO_DEEP =
  'Nested too deeply for the compiler: brackets, conditions or functions inside each other'
/** Characters of a line on each side of a mistake. */
const WIDEST = 80
const EXPORTS_ALL = /\bexport\s*=/

export interface Lowering {
  /** Of the folder's `tsconfig.json`. */
  options: CompilerOptions
  /** Whether imports and exports become those of CommonJS. */
  commonJs: boolean
  /** Finds a local file that an import means. */
  find: Find
  /** Another process has lowered it and survived. */
  isProven?: boolean
}

/** @throws {SyntaxError} whose stack begins with file and line, as Node writes them. */
export function lowerFile(
  filename: string,
  { options, commonJs, find, isProven = false }: Lowering,
): { source: string; format: 'module' | 'commonjs' } {
  // Before the module is loaded, so that its stack traces name the lines of the file.
  process.setSourceMapsEnabled(true)
  const text = readFileSync(filename, 'utf8')
  if (!isProven && endsCompiler(text, { filename, options, commonJs })) {
    throw placed(new SyntaxError(TOO_DEEP), filename, text)
  }
  const { transformSync } = loadOxc('oxc-transform')
  const asCommonJs = commonJs || filename.endsWith('.cts') || EXPORTS_ALL.test(text)
  const source = markTypeExports(filename, text, {
    parse: (...args) => loadParser('oxc-parser').parseSync(...args),
    lower(name, code) {
      const lowered = transformSync(name, code, { target: 'esnext' })
      return lowered.errors.length > 0 ? undefined : lowered.code
    },
    find,
    isCommonJs: asCommonJs,
  })
  const { code, errors, map } = transformSync(filename, source, {
    sourcemap: true,
    target: 'esnext',
    jsx: jsxOptionsOf(options),
  })
  const [error] = errors
  if (error) throw placed(new SyntaxError(error.message), filename, text, error.labels[0]?.start)
  const needsCommonJs = asCommonJs && hasModuleSyntax(code)
  const decorators = decoratorsOf(options)
  if (decorators.legacyDecorator !== true && MAYBE_DECORATORS.test(source)) {
    const { program } = loadParser('oxc-parser').parseSync(filename, text)
    const at = parameterDecorator(program)
    if (at !== undefined) throw placed(new SyntaxError(NEEDS_OLD), filename, text, at)
  }
  const needsSwc = MAYBE_DECORATORS.test(source) || !decorators.useDefineForClassFields
  if (!needsSwc && !needsCommonJs) {
    return finished(withMap(code, JSON.stringify(map)), asCommonJs)
  }
  const lowered = lowerWithSwc(filename, source, { options, asCommonJs: needsCommonJs })
  if ('message' in lowered) {
    throw placed(new SyntaxError(lowered.message), filename, text, lowered.offset)
  }
  return finished(withMap(lowered.code, lowered.map), asCommonJs)
}

function finished(source: string, asCommonJs: boolean): ReturnType<typeof lowerFile> {
  return asCommonJs ? { source, format: 'commonjs' } : withOwnNames(source)
}

function hasModuleSyntax(code: string): boolean {
  if (!/\b(?:import|export)\b/.test(code)) return false
  return loadParser('oxc-parser').parseSync('local.js', code).module.hasModuleSyntax
}

function withMap(code: string, map: string): string {
  const inline = Buffer.from(map).toString('base64')
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`
}

/** Gives a module's SyntaxError its place: in the first of these files that does not parse. */
export function placeSyntaxError(error: unknown, filenames: Iterable<string>): void {
  if (!types.isNativeError(error) || error.name !== 'SyntaxError') return
  // Node already did: CommonJS, or a name that a module does not export.
  if (error.stack?.startsWith('SyntaxError') !== true) return
  const { parseSync } = loadParser('oxc-parser')
  for (const filename of filenames) {
    const source = readFileSync(filename, 'utf8')
    const { errors } = parseSync(filename, source)
    if (errors[0]) return void placed(error, filename, source, errors[0].labels[0]?.start)
  }
}

function placed(error: Error, filename: string, source: string, offset = 0): Error {
  const before = source.slice(0, offset).split('\n')
  const column = before.at(-1)?.length ?? 0
  const whole = source.split('\n')[before.length - 1] ?? ''
  const code = whole.slice(Math.max(column - WIDEST, 0), column + WIDEST)
  const caret = `${code.slice(0, Math.min(column, WIDEST)).replaceAll(/[^\t]/g, ' ')}^`
  const stack = `${filename}:${before.length}\n${code}\n${caret}\n\n${error.stack ?? ''}`
  Reflect.set(error, 'stack', stack)
  return error
}
