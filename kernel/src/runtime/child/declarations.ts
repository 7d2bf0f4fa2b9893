// Top-level names of cells: configurable properties of the global object, so that a later cell may declare them anew; what refuses
// assignment in a file is read-only once its cell ran, so that assigning throws natively.
import type { Declaration } from '../../cell/compiled.ts'
import { Object, Reflect, Set, TypeError, realm } from '../../api/primordials.ts'

const CONSTANT: ReadonlySet<Declaration['kind']> = new Set<Declaration['kind']>([
  'const',
  'import',
  'using',
])

const READ_ONLY = Object.freeze({ writable: false })

/** Names that cells declared, in the order of declaration. */
export const userNames = new Set<string>()
/** The same as a list: who looks at each name once remembers how far. */
export const declaredNames: string[] = []

export function declare(declarations: readonly Declaration[]): void {
  for (const { name } of declarations) {
    const existing = Reflect.getOwnPropertyDescriptor(realm, name)
    if (existing && !existing.configurable) {
      throw new TypeError(`"${name}" is a name of the language or the kernel: choose another one`)
    }
    // A redeclared name keeps its value until its declaration ran: a cell that fails before leaves the old one.
    if (existing?.get) keepUntilAssigned(name, existing.get)
    else define(name, existing?.value)
    if (!userNames.has(name)) declaredNames.push(name)
    userNames.add(name)
  }
}

function define(name: string, value: unknown): void {
  Object.defineProperty(realm, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
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

/** After the cell ran; `failed`: what was not reached has no value and stays assignable. */
export function seal(declarations: readonly Declaration[], failed: boolean): void {
  for (const { name, kind } of declarations) {
    const existing = Reflect.getOwnPropertyDescriptor(realm, name)
    if (!CONSTANT.has(kind) || !existing?.configurable || existing.get) continue
    if (failed && existing.value === undefined) continue
    Object.defineProperty(realm, name, READ_ONLY)
  }
}

/** In the middle of their cell, when their declaration ran. */
export function sealNames(...names: string[]): void {
  for (const name of names) Reflect.defineProperty(realm, name, READ_ONLY)
}
