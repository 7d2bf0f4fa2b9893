// Files that cells import: local TypeScript is lowered to JavaScript with its source map,
// decorators and enums included. Adds the place of a syntax error, which Node leaves out for
// modules. Compilers are loaded when first needed: most notebooks import no TypeScript.
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import process from 'node:process'
import { types } from 'node:util'
import type * as Oxc from 'oxc-transform'
import type * as Parser from 'oxc-parser'
import type * as Swc from '@swc/core'
import { jsxOptions } from '../../cell/jsx-options.ts'
import type { JsxOptions } from '../../cell/jsx-options.ts'
import { JSON, Reflect, SyntaxError } from '../../api/primordials.ts'
import { markTypeExports } from './reexports.ts'

const require = createRequire(import.meta.url)
const loadOxc: (name: 'oxc-transform') => typeof Oxc = require
const loadParser: (name: 'oxc-parser') => typeof Parser = require
const loadSwc: (name: '@swc/core') => typeof Swc = require

/** May need more than oxc lowers: decorators, `accessor`. */
const MAYBE_DECORATORS = /@[\w$(]|\baccessor\b/

/** @throws {SyntaxError} whose stack begins with file and line, as Node writes them. */
export function lowerFile(filename: string): string {
  // Before the module is loaded, so that its stack traces name the lines of the file.
  process.setSourceMapsEnabled(true)
  const text = readFileSync(filename, 'utf8')
  const { transformSync } = loadOxc('oxc-transform')
  const source = markTypeExports(filename, text, {
    parse: (...args) => loadParser('oxc-parser').parseSync(...args),
    lower: (name, code) => transformSync(name, code, { target: 'esnext' }).code,
  })
  const jsx = filename.endsWith('x') ? jsxOptions(dirname(filename)) : undefined
  const { code, errors, map } = transformSync(filename, source, {
    sourcemap: true,
    target: 'es2024',
    ...(jsx && { jsx }),
  })
  const [error] = errors
  if (error) throw placed(new SyntaxError(error.message), filename, text, error.labels[0]?.start)
  if (MAYBE_DECORATORS.test(source)) return lowerDecorators(filename, source, jsx)
  return withMap(code, JSON.stringify(map))
}

function lowerDecorators(filename: string, source: string, jsx: JsxOptions | undefined): string {
  const { code, map = '' } = loadSwc('@swc/core').transformSync(source, {
    filename,
    configFile: false,
    swcrc: false,
    sourceMaps: true,
    isModule: true,
    jsc: {
      target: 'es2024',
      externalHelpers: false,
      parser: { syntax: 'typescript', decorators: true, tsx: jsx !== undefined },
      transform: { decoratorVersion: '2022-03', ...(jsx && { react: jsx }) },
    },
  })
  return withMap(code, map)
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
  const code = source.split('\n')[before.length - 1] ?? ''
  const caret = `${code.slice(0, column).replaceAll(/[^\t]/g, ' ')}^`
  const stack = `${filename}:${before.length}\n${code}\n${caret}\n\n${error.stack ?? ''}`
  Reflect.set(error, 'stack', stack)
  return error
}
