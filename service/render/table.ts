// Tables for chats: pipe tables where the chat shows them, otherwise columns of text in a fence.
import { widthOf } from './cut-table.ts'
import type { Alignment, Table } from './cut-table.ts'
import { escapeInline } from './escape.ts'
import { muteMentions } from './mentions.ts'
import { sidesOf } from './numbers.ts'
import type { Piece } from './pieces.ts'
import { textLength } from './split.ts'

const DELIMITERS: Readonly<Record<Alignment, string>> = {
  left: '---',
  center: ':-:',
  right: '--:',
}

/** Rows are not filled up to one length if that makes more cells than this. */
const MOST_FILLED = 100_000
/** Columns are not aligned if the blanks make the text longer than this. */
const MOST_PADDED = 1_000_000

/**
 * Rows of different lengths are filled up, so that no cell is lost: the head always, the rows
 * unless that would make far more cells than there are (20,000 columns over 20,000 empty rows are
 * 400 million).
 */
export function tablePiece(table: Table, pipes: boolean): Piece {
  const width = widthOf(table)
  const fill = (cells: readonly string[]) => [
    ...cells,
    ...Array<string>(width - cells.length).fill(''),
  ]
  const columns = fill(table.columns)
  const rows = width * table.rows.length > MOST_FILLED ? table.rows : table.rows.map(fill)
  const align = alignmentOf(table, width)
  if (!pipes) return { kind: 'fence', language: '', text: alignColumns(columns, rows, align) }
  const marks = align.map((side) => DELIMITERS[side])
  return {
    kind: 'table',
    head: [rowLine(columns), `| ${marks.join(' | ')} |`],
    rows: rows.map(rowLine),
  }
}

function rowLine(cells: readonly string[]): string {
  return `| ${cells.map(cellText).join(' | ')} |`
}

function cellText(text: string): string {
  return muteMentions(escapeInline(text.trim())).replace(/(?<!\\)\|/g, '\\|')
}

/** As the table says; otherwise columns of numbers are aligned right. */
function alignmentOf({ rows, align }: Table, width: number): Alignment[] {
  if (align) return Array.from({ length: width }, (_, column) => align[column] ?? 'left')
  return sidesOf(width, rows)
}

function alignColumns(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Alignment[],
): string {
  const lines = [columns, ...rows].map((cells) =>
    cells.map((cell) => cell.replace(/\s+/g, ' ').trim()),
  )
  const widths = paddedWidths(columns.length, lines)
  const print = (cells: readonly string[]) =>
    cells
      .map((cell, column) => fitted(cell, widths[column], align[column]))
      .join('  ')
      .trimEnd()
  const [head = [], ...body] = lines
  return [
    print(head),
    widths.map((width) => '-'.repeat(Math.max(1, width))).join('  '),
    ...body.map(print),
  ].join('\n')
}

function fitted(cell: string, width = 0, side: Alignment = 'left'): string {
  const blanks = Math.max(0, width - textLength(cell, 'runes'))
  if (side === 'left') return cell + ' '.repeat(blanks)
  const before = side === 'right' ? blanks : Math.floor(blanks / 2)
  return ' '.repeat(before) + cell + ' '.repeat(blanks - before)
}

/** Columns are as wide as their widest cell; not aligned if that would be mostly blanks. */
function paddedWidths(count: number, lines: readonly (readonly string[])[]): number[] {
  const widths = Array<number>(count).fill(0)
  const reach = Array<number>(count).fill(0)
  for (const cells of lines) {
    for (const [column, cell] of cells.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, textLength(cell, 'runes'))
      reach[column] = (reach[column] ?? 0) + 1
    }
  }
  const padded = widths.reduce((sum, width, column) => sum + width * (reach[column] ?? 0), 0)
  return padded > MOST_PADDED ? widths.fill(0) : widths
}
