// Names of a static import mean in a cell what they mean in the module.
import { Object, Reflect, realm } from '../../api/primordials.ts'
import { nearestNames } from '../../../../post/contract/nearest.ts'

/** The object with the import: `default` has what CommonJS modules hide from static analysis. */
export function homeOf(module: object, name: string): Record<string, unknown> | undefined {
  if (hasName(module, name)) return module
  const all: unknown = Reflect.get(module, 'default')
  return hasName(all, name) ? all : undefined
}

/** Why an import has no value. */
export function missingExport(module: object, name: string, specifier: string): string {
  const names = Object.keys(module).filter((one) => one !== 'default')
  if (name === 'default') {
    const some = names.slice(0, 5).join(', ')
    return `'${specifier}' has no default export, or only a type${some && `: it exports ${some}`}`
  }
  const nearest = nearestNames(name, names)
  const hint = nearest.length > 0 ? `. It exports ${nearest.join(', ')}` : ''
  return `'${name}' is a type, or not exported by '${specifier}'${hint}`
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
