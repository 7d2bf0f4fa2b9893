// The built-ins the runtime itself needs, taken before the first cell: `let Map = 1` is legal user code and replaces the realm's global.
// Every module that runs in the runtime process imports the globals it names from here or from `node:` modules.
export {
  Array,
  ArrayBuffer,
  Error,
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
  TypeError,
  Uint8Array,
} from '../../../post/contract/primordials.ts'
export const {
  AbortController,
  Atomics,
  Blob,
  Function,
  Int32Array,
  Proxy,
  ReferenceError,
  RegExp,
  SharedArrayBuffer,
  SyntaxError,
  URL,
  WeakMap,
  WeakSet,
  decodeURIComponent,
  encodeURIComponent,
} = globalThis

/** The global object itself: `globalThis` is a name that a cell may redeclare. */
export const realm: Record<PropertyKey, unknown> = globalThis

const { apply } = globalThis.Reflect

/** The method as a function of its `this`: prototypes are the user's to change. */
export function uncurry<Name extends string, Args extends unknown[], Result>(
  holder: Readonly<Record<Name, (...args: Args) => Result>>,
  name: Name,
): (self: unknown, ...args: Args) => Result {
  const method = holder[name]
  return (self, ...args) => apply(method, self, args)
}
