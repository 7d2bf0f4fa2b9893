// What of a bundle says something: some forms of an output are only there for a page or for a
// document of LaTeX.
import document from '../../../post/contract/latex.json' with { type: 'json' }

const TEXT_ENVIRONMENTS: ReadonlySet<string> = new Set(document.textEnvironments)
const BEGIN = '\\begin{'
/** How Python and IPython name an object that has no text. */
const OBJECT = /^<[\w.]+ (?:object|at 0x[\da-f]+|object at 0x[\da-f]+)>$/i
/** Scripts that later outputs need. */
const LOADED = /^application\/vnd\.(?:bokehjs|holoviews)_load\.v0\+json$/

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

/** Whether a text only names an object: `<IPython.core.display.Code object>`. */
export function isObjectName(text: string): boolean {
  return OBJECT.test(text.trim())
}

/**
 * Whether a bundle shows nothing in a notebook either: it loads scripts, or is the empty line that
 * rich writes after a progress bar.
 */
export function isNothing(data: Record<string, unknown>): boolean {
  if (Object.keys(data).some((mimetype) => LOADED.test(mimetype))) return true
  const [plain, html] = [data['text/plain'], data['text/html']]
  return (
    typeof plain === 'string' &&
    plain.trim() === '' &&
    typeof html === 'string' &&
    isEmptyLine(html.trim())
  )
}

function isEmptyLine(html: string): boolean {
  const end = '</pre>'
  if (!html.startsWith('<pre') || !html.endsWith(end)) return false
  const inside = html.slice(html.indexOf('>') + 1, -end.length)
  return inside.trim() === ''
}
