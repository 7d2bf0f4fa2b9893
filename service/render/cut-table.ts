// What a message shows of a large table: the first and last of many columns, the beginning of long
// cells. What is not shown is marked by an ellipsis, and the whole table goes into a file.
import { firstUnits } from '../../post/contract/units.ts'
import type { Cells } from './csv.ts'

/** More columns than this are not read in a chat; the `…` counts as one. */
const MOST_COLUMNS = 32
/** UTF-16 units of a cell. */
const LONGEST_CELL = 500
/** A cell shows at least so much, however many there are in a row. */
const SHORTEST_CELL = 12
export const ELLIPSIS = '…'

export interface Table extends Cells {
  align?: readonly Alignment[] | undefined
}
export type Alignment = 'left' | 'center' | 'right'

export interface ShownTable {
  table: { columns: string[]; rows: string[][]; align?: Alignment[] }
  /** What is not shown, in words; undefined if everything is. */
  cut: string | undefined
}

/** @param most - The longest row that fits, in UTF-16 units. */
export function cutTable(whole: Table, most: number): ShownTable {
  const width = widthOf(whole)
  const isWide = width > MOST_COLUMNS
  const front = isWide ? Math.ceil((MOST_COLUMNS - 1) / 2) : width
  const back = isWide ? MOST_COLUMNS - 1 - front : 0
  const longest = cellLength(most, isWide ? MOST_COLUMNS : width)
  let hasLong = false
  const short = (cell: string): string => {
    if (cell.length <= longest) return cell
    hasLong = true
    return shortened(cell, longest)
  }
  const cells = (row: readonly string[]): string[] => {
    // Short rows stay short: there may be 100,000 without a cell.
    if (!isWide || row.length <= front) return row.map(short)
    const ends = Array.from({ length: back }, (_, n) => row[width - back + n] ?? '')
    return [...row.slice(0, front), ELLIPSIS, ...ends].map(short)
  }
  const { columns, rows, align } = whole
  const table: ShownTable['table'] = {
    columns: cells(filled(columns, width)),
    rows: rows.map(cells),
    ...(align && {
      align: isWide ? [...align.slice(0, front), 'left', ...align.slice(width - back)] : [...align],
    }),
  }
  const shown = isWide ? `the first ${front} and last ${back} of ${width} columns` : undefined
  const cut = [shown, hasLong ? 'the beginning of long cells' : undefined].filter(Boolean)
  return { table, cut: cut.length === 0 ? undefined : cut.join(' and ') }
}

export function widthOf({ columns, rows }: Cells): number {
  return rows.reduce((widest, { length }) => Math.max(widest, length), Math.max(1, columns.length))
}

function cellLength(most: number, width: number): number {
  const share = Math.floor(most / width) - 3
  return Math.max(SHORTEST_CELL, Math.min(LONGEST_CELL, share))
}

function filled(row: readonly string[], least: number): readonly string[] {
  return row.length >= least ? row : [...row, ...Array<string>(least - row.length).fill('')]
}

function shortened(cell: string, longest: number): string {
  return `${firstUnits(cell, longest - 1).trimEnd()}${ELLIPSIS}`
}
