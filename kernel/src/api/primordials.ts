// The built-ins the runtime itself needs, taken before the first cell: `let Map = 1` is legal user code and replaces the realm's global.
// What runs beside user code has a realm of its own (`runtime/child/kernel-realm.ts`), in which this module is evaluated once more: there
// the constructors below are that realm's, whose prototypes no cell can reach.
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

/** Under this name the realm of the kernel has the global object of user code. */
export const USER_GLOBAL = '__jupyterpost_user_global'

const known: unknown = globalThis.Reflect.get(globalThis, USER_GLOBAL)

/** The global object of user code: `globalThis` is a name that a cell may redeclare. */
export const realm: Record<PropertyKey, unknown> = isRealm(known) ? known : globalThis

function isRealm(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null
}

/** What user code tells apart by `instanceof`, and what only Node has. */
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

/** The method as a function of its `this`: prototypes are the user's to change. */
export function uncurry<Holder extends object, Name extends keyof Holder>(
  holder: Holder,
  name: Name,
): Uncurried<Holder[Name]>
export function uncurry(holder: object, name: PropertyKey): unknown {
  const method: unknown = globalThis.Reflect.get(holder, name)
  if (typeof method !== 'function') throw new TypeError(`${String(name)} is no method`)
  return (self: unknown, ...args: unknown[]): unknown => apply(method, self, args)
}

/** The getter as a function of its `this`. */
export function uncurryGetter(
  holder: object | null | undefined,
  name: PropertyKey,
): (self: unknown) => unknown {
  const get = holder ? globalThis.Reflect.getOwnPropertyDescriptor(holder, name)?.get : undefined
  return (self): unknown => (get ? apply(get, self, []) : undefined)
}

/** A property that code may replace and no loop shows, as those of Node's own objects. */
export function defineHidden(holder: object, name: PropertyKey, value: unknown): void {
  defineProperty(holder, name, { value, writable: true, enumerable: false, configurable: true })
}

/** A list of user code: its iterator and its methods are the user's to change. */
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
