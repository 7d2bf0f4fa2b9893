// The process that draws SVG, PDF, formulas and plots. All of it is JavaScript and WebAssembly; this
// process may not load native code.
import type { Job, Outcome } from '../jobs.ts'
import { serve } from './serve.ts'

/** Each library is loaded by the first job that needs it. */
async function convert(job: Job): Promise<Outcome> {
  switch (job.kind) {
    case 'svg':
      return (await import('./svg.ts')).drawSvg(job.svg, job.limits)
    case 'pdf':
      return (await import('./pdf.ts')).drawPdf(job.bytes, job.limits)
    case 'vega':
      return (await import('./vega.ts')).drawVega(job.spec, job.limits)
    case 'tex':
      return (await import('./tex.ts')).drawTex(job.tex, job.limits)
    case 'formulas': {
      const { readableForms } = await import('./katex.ts')
      return { kind: 'formulas', forms: readableForms(job.formulas) }
    }
    case 'still':
      throw new TypeError('it is a bitmap, which another process decodes')
  }
}

serve(convert)
