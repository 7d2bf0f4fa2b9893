// The rule of `api/primordials.ts`, for all code that runs beside user code, which may replace any
// global from its first cell on.
import { existsSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseSync } from 'oxc-parser'
import type { Node } from 'oxc-parser'
import { boundNames, children } from '../../src/cell/syntax-tree.ts'

const root = join(import.meta.dirname, '../../..')
/**
 * `post/api` loads outside notebooks; markers are read in the kernel process, which needs globals.
 */
const ELSEWHERE = [
  'post/api/index.ts',
  'kernel/src/relay-program.ts',
  'kernel/src/runtime/markers.ts',
]
/** These take the globals. */
const TAKERS = ['post/contract/primordials.ts', 'kernel/src/api/primordials.ts']
/** Used while the module is loaded and never again. */
const WHEN_LOADED = new Set([
  'kernel/src/protocol/stdin-not-allowed.ts: Error',
  'kernel/src/runtime/child/loaded-files.ts: Date',
  'kernel/src/runtime/stack-frames.ts: globalThis',
  'post/api/attachment.ts: Symbol',
])
const ALWAYS = new Set(['undefined', 'NaN', 'Infinity'])
const GLOBALS = new Set(Object.getOwnPropertyNames(globalThis).filter((name) => !ALWAYS.has(name)))

interface Module {
  imports: string[]
  /** Globals that it uses without importing them. */
  globals: string[]
}

function moduleOf(file: string): Module {
  const code = stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'))
  const { program } = parseSync(file.replace(/ts$/, 'js'), code, { sourceType: 'module' })
  const imports: string[] = []
  const bound = new Set<string>()
  const named = new Set<string>()
  const look = (node: Node, parent: Node | undefined) => {
    if ('source' in node && typeof node.source === 'object' && node.source?.type === 'Literal') {
      const { value } = node.source
      // A document is no code.
      if (typeof value === 'string' && value.startsWith('.') && !value.endsWith('.json'))
        imports.push(relative(root, join(root, dirname(file), value)))
    }
    if (node.type === 'ImportDeclaration')
      for (const one of node.specifiers) bound.add(one.local.name)
    if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return
    if (node.type === 'ExportNamedDeclaration' && node.source) return
    if (node.type === 'VariableDeclarator') for (const name of boundNames(node.id)) bound.add(name)
    if ((node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id)
      bound.add(node.id.name)
    if ('params' in node && Array.isArray(node.params))
      for (const one of node.params) for (const name of boundNames(one)) bound.add(name)
    if (node.type === 'Identifier' && !isKey(node, parent)) named.add(node.name)
    for (const child of children(node)) look(child, node)
  }
  look(program, undefined)
  const globals = [...named].filter((name) => GLOBALS.has(name) && !bound.has(name))
  return { imports, globals }
}

function isKey(node: Node, parent: Node | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed
  const isNamed =
    parent?.type === 'Property' ||
    parent?.type === 'MethodDefinition' ||
    parent?.type === 'PropertyDefinition'
  return isNamed && parent.key === node && !parent.computed && parent.value !== node
}

test('what runs beside user code names no global that it did not take before the first cell', () => {
  const pending = ['kernel/src/runtime/child/main.ts', 'kernel/src/runtime/child/start.ts']
  const found = new Map<string, Module>()
  for (let file = pending.pop(); file; file = pending.pop()) {
    if (found.has(file) || ELSEWHERE.includes(file) || !existsSync(join(root, file))) continue
    found.set(file, moduleOf(file))
    pending.push(...moduleOf(file).imports)
  }
  expect([...found.keys()]).toEqual(expect.arrayContaining([...TAKERS, 'post/api/attachment.ts']))
  const named = [...found].flatMap(([file, { globals }]) =>
    globals.map((name) => `${file}: ${name}`),
  )
  const isTaken = (place: string) =>
    WHEN_LOADED.has(place) || TAKERS.some((file) => place.startsWith(file))
  expect(named.filter((place) => !isTaken(place))).toEqual([])
  expect(named).toEqual(expect.arrayContaining([...WHEN_LOADED]))
})
