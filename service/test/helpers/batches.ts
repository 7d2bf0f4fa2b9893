// Runs what a relay does in batches to its end.
import { inBatches } from '../../storage/batches.ts'
import type { Batch } from '../../storage/batches.ts'

export function wholly(batch: Batch): Promise<void> {
  return inBatches(batch, new AbortController().signal)
}

/** Nothing else has to do with the posts. */
export const ALONE = { isNeeded: () => false, also: () => undefined }
