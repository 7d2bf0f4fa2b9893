// The converter process: takes jobs from the relay one by one and answers each. It has no environment, no network use and may not
// write or start anything; the relay kills it when a job takes too long.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { messageOf } from '../../../post/error.ts'
import type { Answer, Job, Outcome, Request } from '../jobs.ts'

/** Each library is loaded by the first job that needs it. */
async function convert(job: Job): Promise<Outcome> {
  switch (job.kind) {
    case 'still':
      return (await import('./still.ts')).convertStill(job.bytes, job.limits)
    case 'svg':
      return (await import('./svg.ts')).drawSvg(job.svg, job.limits)
    case 'vega':
      return (await import('./vega.ts')).drawVega(job.spec, job.limits)
    case 'tex':
      return (await import('./tex.ts')).drawTex(job.tex, job.limits)
    case 'html':
      return (await import('./html.ts')).readHtml(job.html)
  }
}

async function answer({ n, job }: Request): Promise<void> {
  let outcome: Outcome
  try {
    outcome = await convert(job)
  } catch (error) {
    outcome = { kind: 'refused', why: firstLine(error) }
  }
  const reply: Answer = { n, outcome }
  process.send?.(reply)
}

function firstLine(error: unknown): string {
  const text = messageOf(error)
  return text.split('\n')[0]?.slice(0, 200) || 'it cannot be read'
}

new Worker(new URL(`orphan-guard${extname(fileURLToPath(import.meta.url))}`, import.meta.url), {
  workerData: process.ppid,
}).unref()
process.on('message', (request: Request) => void answer(request))
process.on('disconnect', () => process.exit(0))
