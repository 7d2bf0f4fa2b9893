// Answers that consist of many posts. One post at a time is read and written, so that memory stays
// small; other requests are served in between, and a slow reader is waited for.
import { setImmediate } from 'node:timers/promises'
import type { Response } from 'express'

/** ms: a reader that takes nothing for this long has gone, or comes again for the rest. */
const STALLED_MS = 120_000

/** Writes a part of the answer. Returns false if nobody reads it any more. */
export async function writePart(response: Response, part: string): Promise<boolean> {
  if (response.destroyed || response.writableEnded) return false
  if (response.write(part)) await setImmediate()
  else await drained(response)
  return !response.destroyed && !response.writableEnded
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const stalled = setTimeout(() => response.destroy(), STALLED_MS)
    const finish = () => {
      clearTimeout(stalled)
      response.off('drain', finish).off('close', finish)
      resolve()
    }
    response.on('drain', finish).on('close', finish)
  })
}
