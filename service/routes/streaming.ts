// Answers made of posts, one at a time: each is read, written and forgotten, others are served in between, and a slow reader is waited for.
import { setImmediate } from 'node:timers/promises'
import type { Response } from 'express'

/** Writes a part of the answer. False once nobody reads any more. */
export async function writePart(response: Response, part: string): Promise<boolean> {
  if (response.destroyed || response.writableEnded) return false
  if (response.write(part)) await setImmediate()
  else await drained(response)
  return !response.destroyed
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      response.off('drain', finish).off('close', finish)
      resolve()
    }
    response.on('drain', finish).on('close', finish)
  })
}
