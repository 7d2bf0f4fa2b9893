// Answers that consist of many posts. One post at a time is read and written, so that memory stays
// small; other requests are served in between, and a slow reader is waited for.
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { Request, Response } from 'express'

import type { DiskBytes } from '../storage/bytes.ts'

/** ms: a reader that takes nothing for this long has gone, or comes again for the rest. */
const STALLED_MS = 120_000

/** Writes a part of the answer. Returns false if nobody reads it any more. */
export async function writePart(response: Response, part: string): Promise<boolean> {
  if (response.destroyed || response.writableEnded) return false
  if (response.write(part)) await setImmediate()
  else await drained(response)
  return !response.destroyed && !response.writableEnded
}

/** Sends a file of the disk. Whoever has it already, by its hash, gets none of it. */
export function streamFile(request: Request, response: Response, bytes: DiskBytes): void {
  response.set('ETag', `"${bytes.sha256}"`).set('Content-Length', String(bytes.byteLength))
  if (request.fresh) {
    response.removeHeader('Content-Length')
    response.status(304).end()
    return
  }
  const file = createReadStream(bytes.path)
  // Headers are out, so nothing else can be answered when it fails.
  pipeline(file, response, (error) => {
    if (error) response.destroy()
  })
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
