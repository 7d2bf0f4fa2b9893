// A cell's script has what a CommonJS module has: `require`, `module`, `exports`, `__dirname`,
// `__filename`. They are names of the script, not of the global object, where libraries would take
// the notebook's folder for their own.
import Module from 'node:module'
import { dirname } from 'node:path'
import { Object, Reflect, Set, UserObject, realm } from '../../api/primordials.ts'

/** What completion and inspection know about these names. */
export const moduleValues: Record<string, unknown> = { __proto__: null }

const EXPORTED: ReadonlySet<string> = new Set(['module', 'exports'])

/** The notebook is the main module, like the file that a program is started with. */
export function provideModuleNames(filename: string, require: NodeJS.Require): void {
  const module = new Module(filename)
  module.filename = filename
  require.main = module
  const names = { require, module, __filename: filename, __dirname: dirname(filename) }
  for (const key of Object.keys(names)) moduleValues[key] = Reflect.get(names, key)
  freshExports()
}

/** A cell that exports begins with empty exports, as a file does. */
function freshExports(): void {
  const exports: object = new UserObject()
  moduleValues['exports'] = exports
  const { module } = moduleValues
  if (typeof module === 'object' && module !== null) Reflect.set(module, 'exports', exports)
}

/** Opens a scope with the mentioned names that no cell has redefined; `}` closes it. */
export function moduleScope(mentioned: readonly string[]): string {
  const names = mentioned.filter((name) => !Reflect.getOwnPropertyDescriptor(realm, name))
  if (names.length === 0) return ''
  if (names.some((name) => EXPORTED.has(name))) freshExports()
  return `'use strict';{let {${names.join(', ')}} = __jupyterpost.moduleValues;`
}
