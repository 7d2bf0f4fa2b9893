// Tables that only arrange what is in them, as dask's, which puts a table beside a drawing: a chat
// has no table in a table, so it gets what is in the cells, one after the other.
import { inOrder, isElement } from './tree.ts'
import type { HtmlElement, HtmlNode } from './tree.ts'

/**
 * What is in such a table, in order: its cells, and what is outside of them. Undefined if it is a
 * table of data: it has heads, or no table inside.
 */
export function arranged(table: HtmlElement): HtmlNode[] | undefined {
  const nodes = cellsOf(table)
  const cells = nodes.filter((node) => isElement(node)).filter(({ name }) => /^t[dh]$/.test(name))
  const isLayout = cells.every(({ name }) => name === 'td') && cells.some(hasTable)
  return isLayout ? nodes : undefined
}

/** The search ends at the first table, so a cell is looked through only by the innermost one. */
function hasTable(cell: HtmlElement): boolean {
  for (const node of inOrder(cell)) if (isElement(node) && node.name === 'table') return true
  return false
}

const ROWS = new Set(['tr', 'thead', 'tbody', 'tfoot'])

function cellsOf({ children }: HtmlElement): HtmlNode[] {
  return children.flatMap((child) =>
    isElement(child) && ROWS.has(child.name) ? cellsOf(child) : [child],
  )
}
