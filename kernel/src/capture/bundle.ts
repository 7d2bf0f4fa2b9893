// What of a bundle says something: some forms of an output are only there for a page or for a
// document of LaTeX.
import document from '../../../post/contract/latex.json' with { type: 'json' }

const TEXT_ENVIRONMENTS: ReadonlySet<string> = new Set(document.textEnvironments)
const BEGIN = '\\begin{'
/** Scripts that later outputs need. */
const LOADED = /^application\/vnd\.(?:bokehjs|holoviews)_load\.v0\+json$/
/** A plot has a text too; without one it is what HoloViews and Panel set up for all plots. */
const SET_UP = 'application/vnd.holoviews_exec.v0+json'
/** Plotly's scripts, and the element of a plot. */
const PLOTLY = ['window.PlotlyConfig', 'plotly-graph-div'] as const

/**
 * Whether LaTeX is for a formula. Otherwise it is for a document, as a highlighter's `Verbatim` or
 * a table, which no chat can show.
 */
export function isFormula(latex: string): boolean {
  for (let at = latex.indexOf(BEGIN); at !== -1; at = latex.indexOf(BEGIN, at + 1)) {
    const start = at + BEGIN.length
    const name = latex.slice(start, start + 32).split('}', 1)[0] ?? ''
    if (TEXT_ENVIRONMENTS.has(name.endsWith('*') ? name.slice(0, -1) : name)) return false
  }
  return true
}

/**
 * Whether a bundle shows nothing in a notebook either: it loads a library's scripts, or is the
 * empty line that rich writes after a progress bar.
 */
export function isNothing(data: Record<string, unknown>): boolean {
  if (Object.keys(data).some((mimetype) => LOADED.test(mimetype))) return true
  const [plain, html] = [data['text/plain'], data['text/html']]
  if (plain === undefined && data[SET_UP] !== undefined) return true
  if (typeof html !== 'string') return false
  if (plain === undefined && html.includes(PLOTLY[0])) return !html.includes(PLOTLY[1])
  return typeof plain === 'string' && plain.trim() === '' && isEmptyLine(html.trim())
}

/**
 * An animation of matplotlib (`to_jshtml`) with its first picture only, which is what a chat shows:
 * all of them together are often more than a relay takes. Other HTML stays as it is.
 */
export function withoutLaterFrames(html: string): string {
  const start = html.indexOf('frames[1] = "')
  if (start === -1 || !html.includes('var img_id = "')) return html
  const opening = html.indexOf('"', html.lastIndexOf('frames['))
  const closing = html.indexOf('"', opening + 1)
  return closing === -1 ? html : html.slice(0, start) + html.slice(closing + 1)
}

function isEmptyLine(html: string): boolean {
  const end = '</pre>'
  if (!html.startsWith('<pre') || !html.endsWith(end)) return false
  const inside = html.slice(html.indexOf('>') + 1, -end.length)
  return inside.trim() === ''
}
