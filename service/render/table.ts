// Tables for chats: pipe tables where the chat shows them, otherwise columns of text in a fence.
import { escapeInline } from './escape.ts'
import { muteMentions } from './mentions.ts'
import type { Piece } from './pieces.ts'
import { textLength } from './split.ts'

export interface Table {
  columns: readonly string[]
  rows: readonly (readonly string[])[]
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
  const width = table.rows.reduce(
    (widest, { length }) => Math.max(widest, length),
    Math.max(1, table.columns.length),
  )
  const fill = (cells: readonly string[]) => [
    ...cells,
    ...Array<string>(width - cells.length).fill(''),
  ]
  const columns = fill(table.columns)
  const rows = width * table.rows.length > MOST_FILLED ? table.rows : table.rows.map(fill)
  if (!pipes) return { kind: 'fence', language: '', text: alignColumns(columns, rows) }
  const marks = numericColumns(width, rows).map((isNumeric) => (isNumeric ? '--:' : '---'))
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

/** Which columns contain only numbers, with gaps where a row has none. */
function numericColumns(width: number, rows: readonly (readonly string[])[]): boolean[] {
  const kinds = Array<'empty' | 'numbers' | 'text'>(width).fill('empty')
  for (const cells of rows) {
    for (const [column, cell] of cells.entries()) {
      if (kinds[column] === 'text' || /^(?:…|NaN|null|None)?$/.test(cell.trim())) continue
      kinds[column] = isNumber(cell) ? 'numbers' : 'text'
    }
  }
  return kinds.map((kind) => kind === 'numbers')
}

function isNumber(text: string): boolean {
  const number = text.trim().replace(/%$/, '').trimEnd()
  return /^[-+\u2212]?(?:\d[\d_,' ]*(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(number)
}

function alignColumns(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, ...rows].map((cells) =>
    cells.map((cell) => cell.replace(/\s+/g, ' ').trim()),
  )
  const widths = paddedWidths(columns.length, lines)
  const print = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + blanks(cell, widths[column]))
      .join('  ')
      .trimEnd()
  const [head = [], ...body] = lines
  return [
    print(head),
    widths.map((width) => '-'.repeat(Math.max(1, width))).join('  '),
    ...body.map(print),
  ].join('\n')
}

function blanks(cell: string, width = 0): string {
  return ' '.repeat(Math.max(0, width - textLength(cell, 'runes')))
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
