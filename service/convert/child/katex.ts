// Whether KaTeX reads a formula. Chats bundle a KaTeX that cannot be asked for its version:
// Mattermost had 0.11 to 0.16. So a formula counts as readable if the oldest, the last 0.16 and the
// page's own read it, each within the limits that Mattermost sets.
import newest from 'katex'
import middle from 'katex-middle'
import oldest from 'katex-oldest'

import type { Formula } from '../jobs.ts'
import { withoutRequire } from './require.ts'

/** Longer formulas stay source, in the page too. */
const MOST = 10_000
/** As in Mattermost. */
const MOST_EXPANSIONS = 100

/** For each formula the TeX that KaTeX reads; null if there is none. */
export function readableForms(formulas: readonly Formula[]): (string | null)[] {
  return formulas.map(({ tex, macros }) => {
    if (tex.length + macros.length > MOST || tex.trim() === '') return null
    return (
      formsOf(withoutRequire(tex))
        .map((form) => macros + form)
        .find(isReadable) ?? null
    )
  })
}

function isReadable(tex: string): boolean {
  return [oldest, middle, newest].every(({ renderToString }) => {
    let isRefused = false
    // A chat shows the name of a command that needs trust, in red, and is silent about it.
    const trust = () => {
      isRefused = true
      return false
    }
    try {
      renderToString(tex, {
        displayMode: true,
        output: 'html',
        throwOnError: true,
        maxExpand: MOST_EXPANSIONS,
        strict: 'ignore',
        trust,
      })
    } catch {
      return false // KaTeX.ParseError, or a RangeError from deep nesting.
    }
    return !isRefused
  })
}

/** Environments of whole lines have another name inside a formula: old KaTeX knows only that. */
const INSIDE: Readonly<Record<string, string>> = {
  align: 'aligned',
  gather: 'gathered',
  multline: 'gathered',
  alignat: 'alignedat',
  equation: '',
}
const LINES = /^\\begin ?\{(align|gather|multline|alignat|equation)(\*?)\}/

/** As typed, and in the words of older KaTeX. */
function formsOf(tex: string): string[] {
  const [start, name = '', star = ''] = LINES.exec(tex) ?? []
  const end = `\\end{${name}${star}}`
  if (start === undefined || !tex.endsWith(end)) return [tex]
  const body = tex.slice(start.length, -end.length).trim()
  const inside = INSIDE[name] ?? ''
  if (body.includes(end)) return [tex]
  return [tex, inside === '' ? body : `\\begin{${inside}}${body}\\end{${inside}}`]
}
