// The door to all that posts. It is loaded when first used: schemas and HTTP client take longer to load than the rest of the kernel.
// Rows of magics come in here; what is behind imports freely.
import type * as parts from './posting-parts.ts'

/** Loaded once; later calls get the same. */
export function posting(): Promise<typeof parts> {
  return import('./posting-parts.ts')
}
