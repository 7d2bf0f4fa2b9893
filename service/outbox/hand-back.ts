// A job whose end could not be recorded because the disk was full: its lease is handed back as soon
// as there is room, so that it is done again then, and not only when its lease ends.
import { setTimeout as delay } from 'node:timers/promises'

import { isUnstored } from '../storage/unstored.ts'
import type { Job } from './kind.ts'

/** Between two tries. */
const AGAIN_MS = 1000

/**
 * Tries until it is handed back, or was taken over.
 * @param error - Why its end was not recorded; nothing is done if that is not about the disk.
 * @param stop - The relay ends. The next one ends this lease.
 */
export async function handBack(job: Job, error: unknown, stop: AbortSignal): Promise<void> {
  try {
    for (let last = error; isUnstored(last);) {
      await delay(AGAIN_MS, undefined, { signal: stop, ref: false })
      last = await job.release().catch((again: unknown) => again)
    }
  } catch (aborted) {
    if (!stop.aborted) throw aborted
  }
}
