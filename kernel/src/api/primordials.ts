// The built-ins the runtime itself needs, taken before the first cell: `let Map = 1` is legal user code and replaces the realm's global.
// Every module that runs in the runtime process imports the globals it names from here or from `node:` modules.
export const {
  AbortController,
  Array,
  ArrayBuffer,
  Atomics,
  Blob,
  Error,
  Function,
  Int32Array,
  JSON,
  Map,
  Math,
  Number,
  Object,
  Promise,
  Proxy,
  Reflect,
  RegExp,
  Set,
  SharedArrayBuffer,
  String,
  Symbol,
  SyntaxError,
  TypeError,
  URL,
  Uint8Array,
  WeakMap,
  WeakSet,
} = globalThis

/** The global object itself: `globalThis` is a name that a cell may redeclare. */
export const realm: Record<PropertyKey, unknown> = globalThis
