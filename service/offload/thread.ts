// A thread of the relay: does one task after another, and answers each with its result or with what
// is wrong with the input.
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'

import { messageOf } from '../../post/contract/error.ts'
import { WORK_PRIORITY } from '../convert/jobs.ts'
import { RelayError } from '../errors.ts'
import type { Answer, Request } from './pool.ts'
import { ownBuffers } from './buffers.ts'
import { perform } from './tasks.ts'

async function answer({ n, task }: Request): Promise<Answer> {
  try {
    return { n, result: await perform(task) }
  } catch (error) {
    if (error instanceof RelayError)
      return { n, refused: { code: error.code, message: error.message } }
    return { n, failed: messageOf(error) }
  }
}

/** Buffers of the files that a request brought and gets back. */
function buffersOf(done: Answer): ArrayBuffer[] {
  if (!('result' in done)) return []
  const { result } = done
  if (result.kind === 'read') return ownBuffers(result.read.files)
  return result.kind === 'content' ? ownBuffers(result.content.files) : []
}

async function handle(request: Request): Promise<void> {
  const done = await answer(request)
  parentPort?.postMessage(done, buffersOf(done))
}

// Only Linux gives threads priorities of their own.
if (process.platform === 'linux') setPriority(0, WORK_PRIORITY)

parentPort?.on('message', (request: Request) => void handle(request))
