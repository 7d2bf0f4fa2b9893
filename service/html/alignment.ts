// How the columns of an HTML table are aligned: as its cells say, by an attribute, a style or the
// style sheets beside it (pandas' Styler, great_tables); otherwise columns of numbers to the right,
// whatever further rows of a head say.
import type { Alignment } from '../render/cut-table.ts'
import { sidesOf } from '../render/numbers.ts'
import { classesOf } from './elements.ts'
import type { HtmlElement } from './tree.ts'

/** `#id` or `.class` of cells -> alignment. */
export type StyleSheet = ReadonlyMap<string, Alignment>

const ALIGNMENTS: Readonly<Record<string, Alignment>> = {
  left: 'left',
  start: 'left',
  center: 'center',
  right: 'right',
  end: 'right',
}
/** The last part of a selector that names one id or one class. */
const CELLS = /^[a-zA-Z]{0,2}([#.][\w-]+)$/

/** What the `<style>` elements of HTML say about the alignment of ids and classes. */
export function styleSheetOf(html: string): StyleSheet {
  const sheet = new Map<string, Alignment>()
  const lower = html.toLowerCase()
  for (let at = lower.indexOf('<style'); at !== -1; at = lower.indexOf('<style', at)) {
    const start = lower.indexOf('>', at)
    if (start === -1) break
    const end = lower.indexOf('</style', start)
    addRules(html.slice(start + 1, end === -1 ? undefined : end), sheet)
    if (end === -1) break
    at = end
  }
  return sheet
}

function addRules(css: string, sheet: Map<string, Alignment>): void {
  for (const rule of css.split('}')) {
    const brace = rule.indexOf('{')
    if (brace === -1) continue
    const alignment = alignmentIn(rule.slice(brace + 1))
    if (alignment === undefined) continue
    for (const selector of rule.slice(0, brace).split(',')) {
      const last = selector.trim().split(/\s+/).at(-1) ?? ''
      const name = CELLS.exec(last)?.[1]
      if (name !== undefined) sheet.set(name, alignment)
    }
  }
}

/** The value of `text-align` among declarations; the last one counts. */
function alignmentIn(declarations: string): Alignment | undefined {
  let found: Alignment | undefined
  for (const declaration of declarations.split(';')) {
    const colon = declaration.indexOf(':')
    if (declaration.slice(0, colon).trim().toLowerCase() !== 'text-align') continue
    found = wordOf(declaration.slice(colon + 1).replace('!important', '')) ?? found
  }
  return found
}

function wordOf(value: string): Alignment | undefined {
  const word = value.trim().toLowerCase()
  return Object.hasOwn(ALIGNMENTS, word) ? ALIGNMENTS[word] : undefined
}

export function alignmentOfCell(
  { attributes }: HtmlElement,
  sheet: StyleSheet,
): Alignment | undefined {
  const own = alignmentIn(attributes.get('style') ?? '') ?? wordOf(attributes.get('align') ?? '')
  if (own !== undefined || sheet.size === 0) return own
  const classes = classesOf(attributes).map((name) => `.${name}`)
  const names = [`#${attributes.get('id') ?? ''}`, ...classes]
  return names.map((name) => sheet.get(name)).find((found) => found !== undefined)
}

/**
 * Undefined if a reader of the rows finds the same.
 *
 * @param said - What the cells of one row say.
 * @param heads - How many rows at the start belong to the head.
 */
export function alignmentOfColumns(
  width: number,
  rows: readonly (readonly string[])[],
  said: readonly (Alignment | undefined)[],
  heads: number,
): Alignment[] | undefined {
  const seen: Alignment[] = sidesOf(width, rows)
  const real = heads === 0 ? seen : sidesOf(width, rows.slice(heads))
  const aligned = real.map((side, column) => said[column] ?? side)
  return aligned.every((side, column) => side === seen[column]) ? undefined : aligned
}
