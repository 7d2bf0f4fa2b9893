// The built-ins that the runtime itself needs, taken before the first cell: `let Map = 1` is legal
// user code and replaces the realm's global. Code that runs beside user code has its own realm
// (`runtime/child/kernel-realm.ts`), which evaluates this module once more: there the constructors
// below belong to that realm, and no cell can reach their prototypes.
export {
  Array,
  ArrayBuffer,
  JSON,
  Map,
  Math,
  Number,
  Object,
  Promise,
  Reflect,
  Set,
  String,
  Symbol,
  Uint8Array,
} from '../../../post/contract/primordials.ts'
export const {
  Atomics,
  Function,
  Int32Array,
  Proxy,
  RegExp,
  SharedArrayBuffer,
  WeakMap,
  WeakSet,
  decodeURIComponent,
  encodeURIComponent,
} = globalThis

/** The name by which the kernel's realm knows the global object of user code. */
export const USER_GLOBAL = '__jupyterpost_user_global'

const known: unknown = globalThis.Reflect.get(globalThis, USER_GLOBAL)

/** The global object of user code: `globalThis` is a name that a cell may redeclare. */
export const realm: Record<PropertyKey, unknown> = isRealm(known) ? known : globalThis

function isRealm(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null
}

/** The built-ins that user code tests by `instanceof`, and those that only Node has. */
export const users: typeof globalThis = isGlobal(realm) ? realm : globalThis
export const {
  AbortController,
  Blob,
  Error,
  ReferenceError,
  SyntaxError,
  TypeError,
  URL,
  Function: UserFunction,
  Object: UserObject,
  Promise: UserPromise,
} = users

function isGlobal(value: object): value is typeof globalThis {
  return 'Object' in value
}

const { apply, defineProperty } = globalThis.Reflect

type Uncurried<Method> = Method extends (...args: infer Args) => infer Result
  ? (self: unknown, ...args: Args) => Result
  : never

/** A method as a function of its `this`: users may change prototypes. */
export function uncurry<Holder extends object, Name extends keyof Holder>(
  holder: Holder,
  name: Name,
): Uncurried<Holder[Name]>
export function uncurry(holder: object, name: PropertyKey): unknown {
  const method: unknown = globalThis.Reflect.get(holder, name)
  if (typeof method !== 'function') throw new TypeError(`${String(name)} is no method`)
  return (self: unknown, ...args: unknown[]): unknown => apply(method, self, args)
}

/** A getter as a function of its `this`. */
export function uncurryGetter(
  holder: object | null | undefined,
  name: PropertyKey,
): (self: unknown) => unknown {
  const get = holder ? globalThis.Reflect.getOwnPropertyDescriptor(holder, name)?.get : undefined
  return (self): unknown => (get ? apply(get, self, []) : undefined)
}

/** A property that code may replace and no loop shows, like those of Node's own objects. */
export function defineHidden(holder: object, name: PropertyKey, value: unknown): void {
  defineProperty(holder, name, { value, writable: true, enumerable: false, configurable: true })
}

/** A list of user code's, copied: users may change its iterator and methods. */
export function listOf<Item>(list: ArrayLike<Item>): Item[] {
  const items: Item[] = []
  for (let index = 0; index < list.length; index++) {
    const item = list[index]
    if (isItem(item, index, list)) items[index] = item
  }
  return items
}

function isItem<Item>(
  _item: Item | undefined,
  index: number,
  list: ArrayLike<Item>,
): _item is Item {
  return index < list.length
}
