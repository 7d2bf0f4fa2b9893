// A table of a post: numbers aligned right, the first rows at once, the others between frames.
import type { Block } from '../../../post/contract/schema.ts'
import type { Allowance } from './allowance.ts'
import { make } from './dom.ts'
import { framed } from './markdown-view.ts'
import { inSlices } from './slices.ts'

type Table = Extract<Block, { type: 'table' }>

const MOST_COLUMNS = 500
/** Cells made in one step. */
const STEP = 1000

export function tableView({ columns, rows }: Table, allowance: Allowance): (Node | string)[] {
  const names = columns.slice(0, MOST_COLUMNS)
  const width = Math.max(1, names.length)
  const shown = rows.slice(0, allowance.takeRows(rows.length, width))
  const isRight = names.map((_, column) => shown.every((row) => isNumber(row[column] ?? '')))
  const kind = (column: number) => ({ class: isRight[column] === true ? 'number' : undefined })
  const head = names.map((name, column) => make('th', { scope: 'col', ...kind(column) }, name))
  const body = make('tbody')
  const rowView = (row: readonly string[]) =>
    make('tr', {}, ...row.slice(0, width).map((text, column) => make('td', kind(column), text)))
  const step = Math.max(1, Math.floor(STEP / width))
  let made = 0
  const more = () => {
    body.append(...shown.slice(made, made + step).map(rowView))
    made += step
    return made < shown.length
  }
  if (more()) inSlices(more)
  const table = make('table', {}, make('thead', {}, make('tr', {}, ...head)), body)
  return [
    framed(table),
    ...notShown(rows.length - shown.length, 'rows'),
    ...notShown(columns.length - names.length, 'columns'),
  ]
}

function notShown(count: number, what: string): Node[] {
  return count > 0 ? [make('p', { class: 'notice' }, `${count} more ${what} are not shown`)] : []
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}
