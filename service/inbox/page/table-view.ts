// A table of a post: columns aligned as in a chat, the first rows at once, the others between
// frames. A large table shows its first and last rows and columns, and all of it is saved at a
// click.
import type { Block } from '../../../post/contract/schema.ts'
import { csvText } from '../../render/csv.ts'
import { cutTable, ELLIPSIS, widthOf } from '../../render/cut-table.ts'
import { sidesOf } from '../../render/numbers.ts'
import type { Allowance } from './allowance.ts'
import { make } from './dom.ts'
import { framed } from './markdown-view.ts'
import { save } from './save.ts'
import { inSlices } from './slices.ts'

type Table = Extract<Block, { type: 'table' }>

/** Cells made in one step. */
const STEP = 1000
/** UTF-16 units of a cell that stays on one line. */
const LONGEST_LINE = 80
/** UTF-16 units of a row; the cells themselves are cut earlier. */
const LONGEST_ROW = 16_000

export function tableView(whole: Table, allowance: Allowance): (Node | string)[] {
  const { table, cut } = cutTable(whole, LONGEST_ROW)
  const width = widthOf(table)
  const kept = allowance.takeRows(table.rows.length, width)
  const rows = endsOf(table.rows, kept, width)
  const numbers = table.align ?? sidesOf(width, rows)
  const kind = (text: string, column: number) => ({ class: classOf(text, numbers[column]) })
  const names = Array.from({ length: width }, (_, column) => table.columns[column] ?? '')
  const head = names.map((name, column) =>
    make('th', { scope: 'col', ...kind(name, column) }, name),
  )
  const body = make('tbody')
  const rowView = (row: readonly string[]) =>
    make('tr', {}, ...row.map((text, column) => make('td', kind(text, column), text)))
  const step = Math.max(1, Math.floor(STEP / width))
  let made = 0
  const more = () => {
    body.append(...rows.slice(made, made + step).map(rowView))
    made += step
    return made < rows.length
  }
  if (more()) inSlices(more)
  const view = framed(make('table', {}, make('thead', {}, make('tr', {}, ...head)), body))
  const missing = table.rows.length - kept
  const notes = [cut, missing > 0 ? `${missing} rows are not shown` : undefined].filter(Boolean)
  return notes.length === 0 ? [view] : [view, wholeView(whole, notes.join('; '))]
}

/** The first and the last rows, with a row of marks between them. */
function endsOf(rows: readonly string[][], kept: number, width: number): readonly string[][] {
  if (kept >= rows.length) return rows
  const front = Math.ceil(kept / 2)
  const marks = Array<string>(width).fill(ELLIPSIS)
  return [...rows.slice(0, front), marks, ...rows.slice(rows.length - (kept - front))]
}

function classOf(text: string, side: 'left' | 'center' | 'right' | undefined): string | undefined {
  const classes = [
    side === 'right' ? 'number' : side === 'center' ? 'center' : '',
    text.length > LONGEST_LINE ? 'long' : '',
  ]
  return classes.join(' ').trim() || undefined
}

function wholeView(table: Table, note: string): HTMLElement {
  const button = make('button', { type: 'button', class: 'more' }, 'Save the whole table as CSV')
  button.addEventListener('click', () => save('table.csv', csvText(table)))
  return make('p', { class: 'notice' }, `${note} `, button)
}
