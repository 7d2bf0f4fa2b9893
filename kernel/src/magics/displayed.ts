// `%%html`, `%%markdown`, `%%latex`, `%%svg` and `%%javascript`: the body of the cell is shown as
// it is, by the front end. They differ in the mime type only.
import type { Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

interface Shown {
  name: string
  mimetype: string
  summary: string
}

const SHOWN: readonly Shown[] = [
  { name: 'html', mimetype: 'text/html', summary: 'Shows the cell as HTML.' },
  { name: 'markdown', mimetype: 'text/markdown', summary: 'Shows the cell as Markdown.' },
  { name: 'latex', mimetype: 'text/latex', summary: 'Shows the cell as LaTeX: `$x^2$`.' },
  { name: 'svg', mimetype: 'image/svg+xml', summary: 'Shows the cell as an SVG picture.' },
  {
    name: 'javascript',
    mimetype: 'application/javascript',
    summary: 'Runs the cell in the page of the notebook, not in the kernel.',
  },
]

export function displayedMagics(): Magic[] {
  return SHOWN.map(({ name, mimetype, summary }) => ({
    name,
    summary,
    cell: {
      usage: `%%${name}`,
      flags: [],
      words: 0,
      run({ words: [rest] }, context) {
        if (rest !== undefined) {
          throw new UsageError(`%%${name} takes nothing on its line, got ${rest}`)
        }
        const text = context.body.trimEnd()
        context.display({ 'text/plain': text, [mimetype]: text })
        return Promise.resolve({ status: 'ok' })
      },
    },
  }))
}
