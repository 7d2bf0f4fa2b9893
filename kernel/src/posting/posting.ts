// Loads all that posts, when it is first used: schemas and the HTTP client take longer to load than
// the rest of the kernel. The rows of the magics import this file; the files behind it import
// freely.
import type * as parts from './posting-parts.ts'

/** Loads once; later calls get the same module. */
export function posting(): Promise<typeof parts> {
  return import('./posting-parts.ts')
}
