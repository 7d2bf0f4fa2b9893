// Names of a static import mean in a cell what they mean in the module.
import { types } from 'node:util'
import { Map, Object, Reflect, realm } from '../../api/primordials.ts'
import { nearestNames } from '../../../../post/contract/nearest.ts'

interface Held {
  /** The object with the name's value. */
  home: Record<string, unknown>
  /** In the module. */
  name: string
  /** The constant's. */
  value: unknown
}

/** Names of packages, which are constants of the notebook. */
const held = new Map<string, Held>()

/**
 * The object with the import: `default` has what CommonJS modules hide from static analysis, and
 * what they assign later.
 */
export function homeOf(module: object, name: string): Record<string, unknown> | undefined {
  const exports: unknown = Reflect.getOwnPropertyDescriptor(module, 'module.exports')?.value
  if (name !== 'default' && hasName(exports, name) && isPlain(exports, name)) return exports
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

/**
 * A constant with the value that the name has now: reading it costs nothing, while a live binding
 * costs 8 ns. Deleted first, because V8 keeps a former accessor slow.
 */
export function holdName(local: string, home: Record<string, unknown>, name: string): void {
  const value = home[name]
  Reflect.deleteProperty(realm, local)
  Reflect.defineProperty(realm, local, constant(value))
  held.set(local, { home, name, value })
}

/** A cell declares this name anew. */
export function letGo(local: string): void {
  held.delete(local)
}

/**
 * Before a cell: a package may have assigned what it exports since. No getter is called, of the
 * notebook or of a package.
 */
export function renewHeld(): void {
  for (const [local, one] of held) {
    const current = Reflect.getOwnPropertyDescriptor(realm, local)
    const isHeld = current?.writable === false && Object.is(current.value, one.value)
    if (!isHeld || !current.configurable) {
      held.delete(local)
    } else if (isPlain(one.home, one.name)) {
      const value = one.home[one.name]
      if (Object.is(value, one.value)) continue
      one.value = value
      Reflect.defineProperty(realm, local, constant(value))
    }
  }
}

function constant(value: unknown): PropertyDescriptor {
  return { value, writable: false, enumerable: true, configurable: true }
}

/** Whether reading it runs no code. */
function isPlain(home: Record<string, unknown>, name: string): boolean {
  if (types.isModuleNamespaceObject(home)) return true
  if (types.isProxy(home)) return false
  const descriptor = Reflect.getOwnPropertyDescriptor(home, name)
  return descriptor !== undefined && 'value' in descriptor
}

function hasName(value: unknown, name: string): value is Record<string, unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') && name in value
  )
}
