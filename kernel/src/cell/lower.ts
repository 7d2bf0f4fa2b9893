// TypeScript to JavaScript for the rewriter: types are stripped, enums and parameter properties
// become code, unused imports stay. oxc does nearly all; @swc/core is loaded for the rest:
// decorators, `accessor`, namespaces declared more than once.
import { createRequire } from 'node:module'
import { MagicString } from 'magic-string'
import { transformSync } from 'oxc-transform'
import type * as swc from '@swc/core'
import type { Node, Program } from 'oxc-parser'
import { assignsFields, decoratorsOf } from './decorator-options.ts'
import { jsxOptionsOf } from './jsx-options.ts'
import type { FolderOptions } from './folder-options.ts'
import { mapOf } from './source-map.ts'
import type { MapMaker } from './source-map.ts'
import { someNode } from './syntax-tree.ts'

/** What a cell needs before V8 understands it. */
export type Lowering = 'none' | 'types' | 'all'

export interface Lowered {
  code: string
  /** In the order of the changes; empty if the text is unchanged. */
  maps: MapMaker[]
}

/** A call of this name marks the cell's value where lowering may add statements after it. */
export const valueMarker = '__jupyterpost_value'

/** @param options - Of the folder's `tsconfig.json`; asked for when the cell needs them. */
export function loweringOf(program: Program, text: string, options: () => FolderOptions): Lowering {
  let hasFields = false
  let hasTypes = foreign.test(text)
  const namespaces = new Set<string>()
  const needsAll = someNode(program, (node) => {
    hasTypes ||= needsTypes(node)
    hasFields ||= node.type === 'PropertyDefinition'
    if (node.type === 'TSModuleDeclaration' && node.id.type === 'Identifier') {
      // A name that the first of two namespaces exports is used in the second: oxc takes it
      // for the global of that name.
      if (namespaces.has(node.id.name)) return true
      namespaces.add(node.id.name)
    }
    return node.type === 'Decorator' || node.type === 'AccessorProperty'
  })
  if (needsAll || (hasFields && assignsFields(options()))) return 'all'
  return hasTypes ? 'types' : 'none'
}

/**
 * The module parser takes `<!--` and `-->` for operators, the script takes them for comments. The
 * others (a zero-width space comes with text copied from a page) are blanks to TypeScript, but V8
 * refuses them. Printing the cell anew mends both.
 */
const foreign = /<!--|-->|[\u0085\u180e\u200b]/

/** Besides its own nodes, TypeScript has words and marks: `private x`, `import type`, `x!: T`. */
function needsTypes(node: Node): boolean {
  switch (node.type) {
    case 'Identifier':
      return Boolean(Reflect.get(node, 'optional'))
    case 'VariableDeclarator':
      return node.definite === true
    case 'VariableDeclaration':
    case 'FunctionDeclaration':
      return node.declare === true
    case 'ClassDeclaration':
    case 'ClassExpression':
      return node.declare === true || node.abstract === true
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return memberMarks.some((mark) => Boolean(Reflect.get(node, mark)))
    case 'ImportDeclaration':
    case 'ImportSpecifier':
      return node.importKind === 'type'
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportSpecifier':
      return node.exportKind === 'type'
    default:
      return node.type.startsWith('TS') || node.type.startsWith('JSX')
  }
}

const memberMarks = ['accessibility', 'declare', 'definite', 'optional', 'override', 'readonly']

export interface LoweringOptions {
  lowering: Lowering
  /** Where the expression is that gives the cell's value. */
  value: { start: number; end: number } | undefined
  hasJsx: boolean
  /** Of the folder's `tsconfig.json`. */
  options: () => FolderOptions
}

export function lower(text: string, options: LoweringOptions): Lowered {
  const { lowering, value } = options
  if (lowering === 'none') return { code: text, maps: [] }
  if (text.isWellFormed()) return lowerWellFormed(text, options)
  const escaped = new MagicString(text)
  for (const { index, 0: unit } of text.matchAll(/\p{Surrogate}/gu)) {
    escaped.overwrite(index, index + 1, `\\u${unit.charCodeAt(0).toString(16)}`)
  }
  const shifted = value && {
    start: value.start + shift(text, value.start),
    end: value.end + shift(text, value.end),
  }
  const { code, maps } = lowerWellFormed(escaped.toString(), {
    ...options,
    value: shifted,
  })
  return { code, maps: [() => mapOf(escaped), ...maps] }
}

/** How much longer the text before an offset becomes when its lone surrogates are escaped. */
function shift(text: string, offset: number): number {
  return Array.from(text.slice(0, offset).matchAll(/\p{Surrogate}/gu)).length * '\\ud80'.length
}

function lowerWellFormed(text: string, asked: LoweringOptions): Lowered {
  const { lowering, value, hasJsx, options } = asked
  if (lowering === 'types') {
    const { code, map, errors } = transformSync('cell.ts', text, {
      lang: hasJsx ? 'tsx' : 'ts',
      ...(hasJsx && { jsx: jsxOptionsOf(options()) }),
      sourceType: 'module',
      sourcemap: true,
      target: 'esnext',
      typescript: { onlyRemoveTypeImports: true },
    })
    if (errors.length === 0 && map) {
      return { code, maps: [() => ({ ...map, version: 3, sourcesContent: [] })] }
    }
  }
  if (!value) return lowerWithSwc(text, asked)
  const marked = new MagicString(text)
  marked.appendRight(value.start, `;${valueMarker}(`).appendLeft(value.end, ')')
  const { code, maps } = lowerWithSwc(marked.toString(), asked)
  return { code, maps: [() => mapOf(marked), ...maps] }
}

let loaded: typeof swc | undefined

function lowerWithSwc(text: string, { hasJsx, options }: LoweringOptions): Lowered {
  const asked = options()
  loaded ??= loadSwc()
  const { code, map } = loaded.transformSync(text, {
    filename: hasJsx ? 'cell.tsx' : 'cell.ts',
    configFile: false,
    swcrc: false,
    sourceMaps: true,
    isModule: true,
    jsc: {
      target: 'esnext',
      externalHelpers: false,
      parser: { syntax: 'typescript', decorators: true, tsx: hasJsx },
      transform: {
        ...decoratorsOf(asked),
        verbatimModuleSyntax: true,
        ...(hasJsx && { react: jsxOptionsOf(asked) }),
      },
    },
  })
  return { code, maps: map ? [() => map] : [] }
}

function loadSwc(): typeof swc {
  const module: unknown = createRequire(import.meta.url)('@swc/core')
  if (!isSwc(module)) throw new Error('@swc/core has no transformSync: run `npm install` again')
  return module
}

function isSwc(module: unknown): module is typeof swc {
  return typeof module === 'object' && module !== null && 'transformSync' in module
}
