// Top-level names of cells: configurable properties of the global object, so that a later cell may declare them anew. Before its
// declaration ran, the cell cannot read a name; what refuses assignment in a file is read-only behind it, so that assigning throws natively.
import type { Declaration } from '../../cell/compiled.ts'
import {
  Map,
  Object,
  ReferenceError,
  Reflect,
  Set,
  TypeError,
  realm,
} from '../../api/primordials.ts'

type Kinds = ReadonlySet<Declaration['kind']>

const CONSTANT: Kinds = new Set<Declaration['kind']>(['const', 'import', 'using'])
/** There from their declaration on (ECMA-262, 9.1.1.1.6: an uninitialized binding is a ReferenceError). */
const LEXICAL: Kinds = new Set<Declaration['kind']>(['let', 'const', 'class', 'using', 'import'])

const READ_ONLY = Object.freeze({ writable: false })

/** Names of the language, of Node and of the kernel. Libraries read them while a cell declares its own. */
const builtIn: ReadonlySet<PropertyKey> = new Set(Reflect.ownKeys(realm))

/** Names that cells declared, in the order of declaration. */
export const userNames = new Set<string>()
/** The same as a list: who looks at each name once remembers how far. */
export const declaredNames: string[] = []

/** Names of the running cell whose declaration did not run yet. */
const waiting = new Map<string, { get: () => unknown; old: PropertyDescriptor | undefined }>()

/** @param isOwn - Whether it is code of this cell that runs now. @throws {TypeError} for a name that cannot be declared; none is then. */
export function declare(declarations: readonly Declaration[], isOwn: () => boolean): void {
  const known = declarations.map(({ name }) => Reflect.getOwnPropertyDescriptor(realm, name))
  for (const [index, { name }] of declarations.entries()) {
    if (known[index]?.configurable === false) throw new TypeError(refusal(name))
  }
  for (const [index, { name, kind }] of declarations.entries()) {
    const existing = known[index]
    if (LEXICAL.has(kind) && !builtIn.has(name)) wait(name, existing, isOwn)
    else if (existing?.get) keepUntilAssigned(name, existing.get)
    else define(name, existing?.value)
    if (!userNames.has(name)) declaredNames.push(name)
    userNames.add(name)
  }
}

function refusal(name: string): string {
  return builtIn.has(name) || name.startsWith('__jupyterpost')
    ? `"${name}" is a name of the language or the kernel: choose another one`
    : `Expected a name that a cell can declare, but "${name}" is a fixed property of the global object: choose another name, ` +
        'or restart the kernel and define the property with "configurable: true"'
}

function define(name: string, value: unknown): void {
  Object.defineProperty(realm, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}

/** Timers and callbacks of other cells see what the name was before. */
function wait(name: string, existing: PropertyDescriptor | undefined, isOwn: () => boolean): void {
  const old = existing && { ...existing }
  const get = (): unknown => {
    if (isOwn()) throw new ReferenceError(`Cannot access '${name}' before initialization`)
    if (!old) throw new ReferenceError(`${name} is not defined`)
    return old.get ? old.get() : old.value
  }
  const set = (value: unknown) => {
    if (isOwn()) {
      waiting.delete(name)
      define(name, value)
    } else if (!old) throw new ReferenceError(`${name} is not defined`)
    else if (old.writable !== true) throw new TypeError('Assignment to constant variable.')
    else old.value = value
  }
  waiting.set(name, { get, old })
  Object.defineProperty(realm, name, { get, set, enumerable: true, configurable: true })
}

/** Many of Node's globals (`Buffer`, `process`, `performance`) are accessors, whose value may take time to make. */
function keepUntilAssigned(name: string, get: () => unknown): void {
  Object.defineProperty(realm, name, {
    get,
    set: (value: unknown) => define(name, value),
    enumerable: true,
    configurable: true,
  })
}

/**
 * After the cell ran. A name whose declaration it did not reach, or whose value could not be computed, is again what it was before: that of an
 * earlier cell, or not defined.
 */
export function seal(declarations: readonly Declaration[], failed: boolean): void {
  for (const { name, kind } of declarations) {
    const existing = Reflect.getOwnPropertyDescriptor(realm, name)
    const unset = waiting.get(name)
    if (unset && existing?.get === unset.get) {
      if (unset.old) Reflect.defineProperty(realm, name, unset.old)
      else Reflect.deleteProperty(realm, name)
    } else if (!failed && CONSTANT.has(kind) && existing?.configurable && !existing.get) {
      Object.defineProperty(realm, name, READ_ONLY)
    }
    waiting.delete(name)
  }
}

/** In the middle of their cell, when their declaration ran. */
export function sealNames(...names: string[]): void {
  for (const name of names) Reflect.defineProperty(realm, name, READ_ONLY)
}
