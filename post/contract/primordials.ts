// The built-ins that `post()` needs, taken when first loaded, which in a notebook is before the first cell: `let Map = 1` is legal user
// code and replaces the realm's global. What `kernel/src/api/post.ts` loads imports the globals it names from here or from `node:` modules.
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
