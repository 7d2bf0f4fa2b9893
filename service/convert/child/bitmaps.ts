// The process that decodes bitmaps. Its library is native code, which Node's permission model does
// not restrict, so it never gets an SVG or anything else that could name a file.
import type { Job, Outcome } from '../jobs.ts'
import { serve } from './serve.ts'
import { convertStill } from './still.ts'

async function convert(job: Job): Promise<Outcome> {
  if (job.kind !== 'still') throw new TypeError(`it is no bitmap but ${job.kind}`)
  return convertStill(job.bytes, job.limits)
}

serve(convert)
