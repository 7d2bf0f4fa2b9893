// Top-level names of cells: configurable properties of the global object, so that a later cell
// may declare them anew. Before its declaration the cell can neither read nor assign a name. Names
// that cannot be assigned in a file become read-only after it, so that assigning throws natively.
import { bindName, homeOf, releaseImport, renewImports } from './imported-names.ts'
import type { Declaration } from '../../cell/compiled.ts'
import {
  Map,
  Object,
  ReferenceError,
  Reflect,
  Set,
  TypeError,
  WeakSet,
  realm,
} from '../../api/primordials.ts'

type Kinds = ReadonlySet<Declaration['kind']>

const CONSTANT: Kinds = new Set<Declaration['kind']>(['const', 'import', 'using'])
/** Not readable before their declaration: a ReferenceError (ECMA-262, 9.1.1.1.6). */
const LEXICAL: Kinds = new Set<Declaration['kind']>(['let', 'const', 'class', 'using', 'import'])

const READ_ONLY = Object.freeze({ writable: false })

/** Names of the language, Node and the kernel. Libraries read them while a cell redeclares them. */
const builtIn: ReadonlySet<PropertyKey> = new Set(Reflect.ownKeys(realm))
/** What those were that cells have declared. Reading all at the start would end the process. */
const originals = new Map<string, PropertyDescriptor>()

/** Names that cells declared, in the order of declaration. */
export const userNames = new Set<string>()
/** The same as a list, so that a reader can remember how far it has looked. */
export const declaredNames: string[] = []

export interface Asking {
  /** Whether the cell caused the code that runs now; not a timer or callback of another one. */
  isCell: () => boolean
  /** Whether it is also a cell's code, not a called library's. Takes 20 µs, so ask it last. */
  isCode: () => boolean
  /** Whether it is code of any cell, whatever caused it. Takes as long. */
  isCellCode: () => boolean
}

interface Waiting {
  get: () => unknown
  /** The property that had the name before. */
  old: PropertyDescriptor | undefined
  /** Its declaration is running: that assigns the name. */
  isReached: boolean
  isCellCode: () => boolean
}

/** Names that the running cell declares. */
const waiting = new Map<string, Waiting>()
/** All of them, those that can be used before their declaration too. */
let running: ReadonlySet<string> = new Set()
/** The built-ins that the running cell's imports replace, as they were. */
const replaced = new Map<string, PropertyDescriptor>()
/** Names that the running cell's imports did not bring. */
const absent = new Set<string>()
/** The getters of such names. */
const absentGetters = new WeakSet<() => unknown>()

/**
 * Called before a cell runs.
 *
 * @param by - Tells which code asks for a name.
 * @throws {TypeError} for a name that cannot be declared; then none is.
 */
export function declare(declarations: readonly Declaration[], by: Asking): void {
  renewImports()
  running = new Set(declarations.map(({ name }) => name))
  const known = declarations.map(({ name }) => Reflect.getOwnPropertyDescriptor(realm, name))
  for (const [index, { name }] of declarations.entries()) {
    if (known[index]?.configurable === false) throw new TypeError(refusal(name))
  }
  for (const [index, { name, kind }] of declarations.entries()) {
    releaseImport(name)
    const existing =
      known[index]?.get && absentGetters.has(known[index].get) ? undefined : known[index]
    keepOriginal(name, existing)
    if (kind === 'import' && existing && builtIn.has(name)) replaced.set(name, existing)
    if (LEXICAL.has(kind) && !builtIn.has(name)) wait(name, kind, existing, by)
    else if (existing?.get) keepUntilAssigned(name, existing.get)
    else define(name, existing?.value)
    if (!userNames.has(name)) declaredNames.push(name)
    userNames.add(name)
  }
}

function keepOriginal(name: string, existing: PropertyDescriptor | undefined): void {
  if (existing && builtIn.has(name) && !originals.has(name)) originals.set(name, existing)
}

function refusal(name: string): string {
  return builtIn.has(name) || name.startsWith('__jupyterpost')
    ? `"${name}" is a name of the language or the kernel: choose another one`
    : `Expected a name that a cell can declare, but "${name}" is a fixed property of the global object: choose another name, ` +
        'or restart the kernel and define the property with "configurable: true"'
}

function define(name: string, value: unknown): void {
  Object.defineProperty(realm, name, property(value))
}

/**
 * V8 keeps access to a former accessor slow unless the property was deleted in between: a loop
 * would take three times as long.
 */
function replaceAccessor(name: string, value: unknown): void {
  Reflect.deleteProperty(realm, name)
  define(name, value)
}

function property(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true }
}

/**
 * Timers of other cells, and libraries that this one calls, see the name as it was before: in a
 * file they would not see its names at all. Not enumerable, so that a copy of the global object
 * does not show it either.
 */
function wait(
  name: string,
  kind: Declaration['kind'],
  old: PropertyDescriptor | undefined,
  { isCell, isCode, isCellCode }: Asking,
): void {
  const get = (): unknown => {
    if (isCode()) throw tooEarly(name)
    // Not an error where there was no such name: `typeof window` must not fail.
    return declared.old?.get ? declared.old.get() : declared.old?.value
  }
  const set = (value: unknown) => {
    if (declared.isReached && isCell()) replaceAccessor(name, value)
    else if (isCode()) throw tooEarly(name)
    else if (!declared.old) declared.old = property(value)
    else if (declared.old.writable !== true) throw new TypeError('Assignment to constant variable.')
    else declared.old.value = value
  }
  // Imports come first: no code of the cell runs before them.
  const declared: Waiting = { get, old, isReached: kind === 'import', isCellCode }
  waiting.set(name, declared)
  Object.defineProperty(realm, name, { get, set, enumerable: false, configurable: true })
}

function tooEarly(name: string): ReferenceError {
  return new ReferenceError(`Cannot access '${name}' before initialization`)
}

/** The declaration of these names runs next. */
export function reachNames(...names: string[]): void {
  for (const name of names) {
    const declared = waiting.get(name)
    if (declared) declared.isReached = true
  }
}

/**
 * An import without a value is a type or a misspelt name: using it in a cell is an error that says
 * so. For libraries the name does not exist, and a built-in keeps its meaning (express has a type
 * `Response`).
 */
export function leaveAbsent(name: string, error: () => Error): void {
  absent.add(name)
  const builtin = replaced.get(name)
  if (builtin) Object.defineProperty(realm, name, builtin)
  const declared = waiting.get(name)
  if (!declared) return
  const get = (): undefined => {
    if (declared.isCellCode()) throw error()
    return undefined
  }
  absentGetters.add(get)
  Object.defineProperty(realm, name, { get, enumerable: false, configurable: true })
}

/** Many globals of Node (`Buffer`, `process`) are accessors whose value may be slow to make. */
function keepUntilAssigned(name: string, get: () => unknown): void {
  Object.defineProperty(realm, name, {
    get,
    set: (value: unknown) => replaceAccessor(name, value),
    enumerable: true,
    configurable: true,
  })
}

/**
 * Called after the cell ran. A name whose declaration was not reached, or whose value could not be
 * computed, is again what it was before: an earlier cell's, or undefined.
 */
export function seal(declarations: readonly Declaration[], failed: boolean): void {
  for (const { name, kind } of declarations) {
    const existing = Reflect.getOwnPropertyDescriptor(realm, name)
    const declared = waiting.get(name)
    if (declared && existing?.get === declared.get) {
      if (declared.old) Reflect.defineProperty(realm, name, declared.old)
      else Reflect.deleteProperty(realm, name)
    } else if (
      !absent.has(name) &&
      (declared || !failed) &&
      CONSTANT.has(kind) &&
      existing?.configurable &&
      !existing.get
    ) {
      Object.defineProperty(realm, name, READ_ONLY)
    }
    waiting.delete(name)
    replaced.delete(name)
    absent.delete(name)
  }
}

/**
 * Removes the names that cells declared, except those of the running cell, which are again as if no
 * cell had declared them before. Built-ins are what they were.
 *
 * @param kernels - Names of the kernel and their values.
 */
export function forgetNames(kernels: Readonly<Record<string, unknown>>): void {
  for (const name of userNames) {
    const original = Reflect.getOwnPropertyDescriptor(kernels, name)
    const old = original ? hidden(original.value) : originals.get(name)
    const declared = waiting.get(name)
    if (declared) declared.old = old
    if (running.has(name)) continue
    userNames.delete(name)
    releaseImport(name)
    if (old) Reflect.defineProperty(realm, name, old)
    else Reflect.deleteProperty(realm, name)
  }
}

function hidden(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: false, configurable: true }
}

/** Makes exported names of a file names of the notebook, as an import of the running cell would. */
export function bindExports(module: object): void {
  for (const name of Object.keys(module)) {
    const home = name === 'default' ? undefined : homeOf(module, name)
    if (!home) continue
    keepOriginal(name, Reflect.getOwnPropertyDescriptor(realm, name))
    releaseImport(name)
    bindName(name, home, name)
    if (!userNames.has(name)) declaredNames.push(name)
    userNames.add(name)
  }
}

/** Called within the cell, once the declaration of these names ran. */
export function sealNames(...names: string[]): void {
  for (const name of names) {
    if (!absent.has(name)) Reflect.defineProperty(realm, name, READ_ONLY)
  }
}
