// The door to the compiler: the native parser is loaded once the sockets are bound, so that a client that connects is answered first.
import type * as parts from './compiler-parts.ts'

/** Loaded once; later calls get the same. */
export function compiler(): Promise<typeof parts> {
  return import('./compiler-parts.ts')
}
