// What every drawing process does: takes jobs from the relay one by one and answers each. It has no
// environment, may read only the package, and may not write or start anything; the relay kills it
// when a job takes too long.
import { setPriority } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { messageOf } from '../../../post/contract/error.ts'
import { WORK_PRIORITY } from '../jobs.ts'
import type { Answer, Job, Outcome, Request } from '../jobs.ts'

/** Reports that it is ready, then answers until the relay is gone. Load native code before. */
export function serve(convert: (job: Job) => Promise<Outcome>): void {
  setPriority(WORK_PRIORITY)
  const guard = `orphan-guard${extname(fileURLToPath(import.meta.url))}`
  const options = { workerData: process.ppid }
  new Worker(new URL(guard, import.meta.url), options).unref()
  // A worker started with options of its own is not bound by the permission model.
  for (const permission of ['worker', 'addon'] as const) process.permission?.drop?.(permission)
  process.on('message', (request: Request) => void take(request, convert))
  process.on('disconnect', () => process.exit(0))
  send('ready')
}

async function take({ n, job }: Request, convert: (job: Job) => Promise<Outcome>): Promise<void> {
  try {
    send({ n, outcome: await convert(job), isBroken: false })
  } catch (error) {
    // WebAssembly trapped, or a stack overflowed: its memory may be in any state.
    const isBroken = Error.isError(error) && /^R(?:untime|ange)Error$/.test(error.name)
    const why = isBroken ? 'it cannot be drawn' : firstLine(error)
    send({ n, outcome: { kind: 'refused', why }, isBroken })
  }
}

function send(answer: Answer | 'ready'): void {
  process.send?.(answer)
}

function firstLine(error: unknown): string {
  const text = messageOf(error)
  return text.split('\n')[0]?.slice(0, 200) || 'it cannot be read'
}
