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

const { apply } = globalThis.Reflect

/** The method as a function of its `this`: prototypes are the user's to change. */
export function uncurry<Args extends unknown[], Result>(
  method: (...args: Args) => Result,
): (self: unknown, ...args: Args) => Result {
  return (self, ...args) => apply(method, self, args)
}

/** The getter as a function of its `this`. */
export function uncurryGetter<Result>(
  holder: object | null | undefined,
  name: PropertyKey,
): (self: unknown) => Result | undefined {
  const get = holder ? globalThis.Reflect.getOwnPropertyDescriptor(holder, name)?.get : undefined
  return (self) => (get ? apply(get, self, []) : undefined)
}

/** A list of user code: its iterator and its methods are the user's to change. */
export function listOf<Item>(list: ArrayLike<Item>): Item[] {
  const items: Item[] = []
  for (let index = 0; index < list.length; index++) items[index] = list[index] as Item
  return items
}
