// What a script of a cell has as a CommonJS module has it: `require`, `module`, `exports`, `__dirname`, `__filename`. They are names of the
// script, not of the global object, where libraries would take the notebook's folder for their own.
import Module from 'node:module'
import { dirname } from 'node:path'
import { Object, Reflect, Set, UserObject, realm } from '../../api/primordials.ts'

/** What completion and inspection know of them. */
export const moduleValues: Record<string, unknown> = { __proto__: null }

const EXPORTED: ReadonlySet<string> = new Set(['module', 'exports'])

/** The module of the notebook is the main one, as the file that a program was started with. */
export function provideModuleNames(filename: string, require: NodeJS.Require): void {
  const module = new Module(filename)
  module.filename = filename
  require.main = module
  const names = { require, module, __filename: filename, __dirname: dirname(filename) }
  for (const key of Object.keys(names)) moduleValues[key] = Reflect.get(names, key)
  freshExports()
}

/** A cell that exports begins with nothing exported, as a file does. */
function freshExports(): void {
  const exports: object = new UserObject()
  moduleValues['exports'] = exports
  const { module } = moduleValues
  if (typeof module === 'object' && module !== null) Reflect.set(module, 'exports', exports)
}

/** The head of a script that mentions these names, if any is not one that a cell took for its own; its end is `}`. */
export function moduleScope(mentioned: readonly string[]): string {
  const names = mentioned.filter((name) => !Reflect.getOwnPropertyDescriptor(realm, name))
  if (names.length === 0) return ''
  if (names.some((name) => EXPORTED.has(name))) freshExports()
  return `'use strict';{let {${names.join(', ')}} = __jupyterpost.moduleValues;`
}
