// What names of a static import mean in a cell: what they mean in the module.
import { Reflect, SyntaxError, realm } from '../../api/primordials.ts'

/**
 * The object that has the import. A name that a CommonJS module hides from static analysis is found on its `default`; one that is nowhere
 * is an error, as in a file, unless the cell uses it as a type only.
 */
export function homeOf(
  module: object,
  name: string,
  specifier: string,
  mayMiss: boolean,
): Record<string, unknown> {
  if (hasName(module, name)) return module
  const all: unknown = Reflect.get(module, 'default')
  if (hasName(all, name)) return all
  if (mayMiss) return {}
  throw new SyntaxError(
    `The requested module '${specifier}' does not provide an export named '${name}'`,
  )
}

/** A live binding: each read is one of the module's. */
export function bindName(local: string, home: Record<string, unknown>, name: string): void {
  Reflect.defineProperty(realm, local, {
    get: function __jupyterpost_import() {
      return home[name]
    },
    enumerable: true,
    configurable: true,
  })
}

function hasName(value: unknown, name: string): value is Record<string, unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') && name in value
  )
}
