// Long work on the database in small commits: whatever else is stored waits for a commit, and
// everything else of the relay for the thread. Between two of them it rests as long as it worked.
import { setTimeout as delay } from 'node:timers/promises'

/** ms that one commit may take, or the time of a single row. */
const MOST_MS = 5

/** Does a part of the work in one commit, and says whether there may be more. */
export type Batch = () => Promise<boolean>

/** Handles rows until the time of a commit is over. @returns how many it handled */
export function inTime<T>(rows: readonly T[], handle: (row: T) => void): number {
  const end = performance.now() + MOST_MS
  for (const [n, row] of rows.entries()) {
    handle(row)
    if (performance.now() > end) return n + 1
  }
  return rows.length
}

/** Does all of it, unless the signal stops it in between. */
export async function inBatches(batch: Batch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const from = performance.now()
    if (!(await batch())) return
    await delay(Math.min(1000, performance.now() - from), undefined, { ref: false })
  }
}
