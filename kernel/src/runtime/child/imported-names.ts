// Names of a static import mean in a cell what they mean in the module.
import type { ImportReader } from '../../cell/compiled.ts'
import { Map, Object, Reflect, TypeError, WeakSet, realm } from '../../api/primordials.ts'
import { find } from './descriptors.ts'
import { nearestNames } from '../../../../post/contract/nearest.ts'

/** What Node calls the exports of a CommonJS module in its namespace. */
const EXPORTS = 'module.exports'

/**
 * The object with the import. The namespace of a CommonJS module has a copy of its exports, which
 * does not change, and none of those that Node cannot see without running it.
 */
export function homeOf(module: object, name: string): Record<string, unknown> | undefined {
  if (hasName(module, name)) {
    const exports: unknown = hasName(module, EXPORTS) ? module[EXPORTS] : undefined
    const isSame = name !== 'default' && hasName(exports, name) && exports[name] === module[name]
    return isSame ? exports : module
  }
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

const getters = new WeakSet<object>()

const readerOf =
  (name: string): ImportReader =>
  (home) =>
    function __jupyterpost_import() {
      return home[name]
    }

/** A live binding: each read is one of the module's. */
export function bindName(
  local: string,
  home: Record<string, unknown>,
  name: string,
  reader: ImportReader = readerOf(name),
): void {
  const get = reader(home)
  const set = (): never => {
    throw new TypeError(`Assignment to constant variable: ${local}`)
  }
  getters.add(get)
  Reflect.defineProperty(realm, local, { get, set, enumerable: true, configurable: true })
}

/** Whether an accessor of the global object is a live binding, which only reads its module. */
export function isImport(descriptor: PropertyDescriptor): boolean {
  const get: unknown = Reflect.get(descriptor, 'get')
  return typeof get === 'function' && getters.has(get)
}

interface Kept {
  home: Record<string, unknown>
  name: string
  value: unknown
}

/** Imports that are constants, by their names in the notebook. */
const kept = new Map<string, Kept>()

/**
 * Binds a name of a package. A live binding takes ten times as long to call as a constant, which
 * V8 inlines. So functions and objects, which loops use and packages hardly ever replace, are
 * constants that are renewed before each cell.
 */
export function bindPackageName(
  local: string,
  home: Record<string, unknown>,
  name: string,
  reader: ImportReader,
): void {
  const value = home[name]
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) {
    bindName(local, home, name, reader)
    return
  }
  keep(local, { home, name, value })
}

function keep(local: string, one: Kept): void {
  const { value } = one
  // V8 keeps access slow if the property was an accessor and not deleted.
  Reflect.deleteProperty(realm, local)
  const constant = { value, writable: false, enumerable: true, configurable: true }
  Reflect.defineProperty(realm, local, constant)
  kept.set(local, one)
}

/** Gives constants the values that their modules export now. Runs no getter. */
export function renewImports(): void {
  for (const [local, { home, name, value }] of kept) {
    const descriptor = find(home, name)
    if (!descriptor || !('value' in descriptor) || descriptor.value === value) continue
    const isOurs = Reflect.getOwnPropertyDescriptor(realm, local)?.value === value
    if (isOurs) keep(local, { home, name, value: descriptor.value })
    else kept.delete(local)
  }
}

/** The name is declared anew, or nobody's. */
export function releaseImport(local: string): void {
  kept.delete(local)
}

function hasName(value: unknown, name: string): value is Record<string, unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') && name in value
  )
}
