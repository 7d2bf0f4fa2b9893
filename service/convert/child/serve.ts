// What every drawing process does: takes jobs from the relay one by one and answers each. It has no environment and may read nothing but
// the package, write nothing and start nothing; the relay kills it when a job takes too long.
import { setPriority } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { messageOf } from '../../../post/contract/error.ts'
import { WORK_PRIORITY } from '../jobs.ts'
import type { Answer, Job, Outcome, Request } from '../jobs.ts'

/** Says that it is ready, then answers until the relay is gone. Native code must be loaded before. */
export function serve(convert: (job: Job) => Promise<Outcome>): void {
  setPriority(WORK_PRIORITY)
  const guard = `orphan-guard${extname(fileURLToPath(import.meta.url))}`
  const options = { workerData: process.ppid }
  new Worker(new URL(guard, import.meta.url), options).unref()
  // A worker that is started with options of its own is free of the permission model.
  for (const permission of ['worker', 'addon'] as const) process.permission?.drop?.(permission)
  process.on('message', (request: Request) => void take(request, convert))
  process.on('disconnect', () => process.exit(0))
  send('ready')
}

async function take({ n, job }: Request, convert: (job: Job) => Promise<Outcome>): Promise<void> {
  try {
    send({ n, outcome: await convert(job), isBroken: false })
  } catch (error) {
    // Of WebAssembly: a trap, and a stack that ran over. Its memory may be in any state.
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
