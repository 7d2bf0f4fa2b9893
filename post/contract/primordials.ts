// The built-ins that `post()` needs. They are taken before the first cell runs, because user code
// may replace a global (`let Map = 1` is legal). All files that `kernel/src/api/post.ts` loads
// import globals from here or from `node:` modules.
export const {
  Array,
  ArrayBuffer,
  Date,
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
} = globalThis
