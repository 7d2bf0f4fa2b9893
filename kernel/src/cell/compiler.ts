// The entrance to the compiler: it loads the native parser once the sockets are bound, so that a
// client that connects is answered first.
import type * as parts from './compiler-parts.ts'

let loading: Promise<typeof parts> | undefined

/** Loaded once; asking Node each time would cost more than compiling a short cell. */
export function compiler(): Promise<typeof parts> {
  loading ??= import('./compiler-parts.ts')
  return loading
}
