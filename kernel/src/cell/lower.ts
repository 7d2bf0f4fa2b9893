// TypeScript to JavaScript for the rewriter: types are stripped, enums and parameter properties become code, unused
// imports stay. oxc does nearly all; @swc/core is loaded for what it leaves: decorators, `accessor`, open namespaces.
import { createRequire } from 'node:module'
import { transformSync } from 'oxc-transform'
import type * as swc from '@swc/core'
import type { Node, Program } from 'oxc-parser'
import type { MapMaker } from './source-map.ts'
import { children } from './syntax-tree.ts'

/** What a cell needs before V8 understands it. */
export type Lowering = 'none' | 'types' | 'decorators'

export interface Lowered {
  code: string
  /** Undefined if the text is as it was. */
  map: MapMaker | undefined
}

export function loweringOf(program: Program): Lowering {
  let result: Lowering = 'none'
  const pending: Node[] = [program]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (needsDecorators(node)) return 'decorators'
    if (needsTypes(node)) result = 'types'
    for (const child of children(node)) pending.push(child)
  }
  return result
}

function needsDecorators(node: Node): boolean {
  return node.type === 'Decorator' || node.type === 'AccessorProperty'
}

/** Words of TypeScript that leave no node of their own: `private x`, `import type`, `x!: T`. */
const flags = ['declare', 'abstract', 'definite', 'readonly', 'override', 'accessibility']

function needsTypes(node: Node): boolean {
  if (node.type.startsWith('TS')) return true
  if (flags.some((flag) => Boolean(Reflect.get(node, flag)))) return true
  if (Reflect.get(node, 'importKind') === 'type' || Reflect.get(node, 'exportKind') === 'type') {
    return true
  }
  const hasMark =
    node.type === 'Identifier' ||
    node.type === 'PropertyDefinition' ||
    node.type === 'MethodDefinition'
  return hasMark && Reflect.get(node, 'optional') === true
}

export function lower(text: string, lowering: Lowering): Lowered {
  if (lowering === 'none') return { code: text, map: undefined }
  if (lowering === 'types') {
    const { code, map, errors } = transformSync('cell.ts', text, {
      lang: 'ts',
      sourceType: 'module',
      sourcemap: true,
      target: 'esnext',
      typescript: { onlyRemoveTypeImports: true },
    })
    if (errors.length === 0 && map) {
      return { code, map: () => ({ ...map, version: 3, sourcesContent: [] }) as const }
    }
  }
  return lowerWithSwc(text)
}

let loaded: typeof swc | undefined

function lowerWithSwc(text: string): Lowered {
  loaded ??= loadSwc()
  const { code, map } = loaded.transformSync(text, {
    filename: 'cell.ts',
    configFile: false,
    swcrc: false,
    sourceMaps: true,
    isModule: true,
    jsc: {
      target: 'esnext',
      externalHelpers: false,
      parser: { syntax: 'typescript', decorators: true },
      transform: { decoratorVersion: '2022-03', verbatimModuleSyntax: true },
    },
  })
  return { code, map: () => map ?? '' }
}

function loadSwc(): typeof swc {
  const module: unknown = createRequire(import.meta.url)('@swc/core')
  if (!isSwc(module)) throw new Error('@swc/core has no transformSync: run `npm install` again')
  return module
}

function isSwc(module: unknown): module is typeof swc {
  return typeof module === 'object' && module !== null && 'transformSync' in module
}
