// Tables for chats: pipe tables where the chat shows them, otherwise columns of text in a fence.
import { escapeInline } from './escape.ts'
import { muteMentions } from './mentions.ts'
import type { Piece } from './pieces.ts'
import { textLength } from './split.ts'

export interface Table {
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

/** Rows of different lengths are filled up, so that no cell is lost. */
export function tablePiece(table: Table, pipes: boolean): Piece {
  const width = Math.max(1, table.columns.length, ...lengths(table.rows))
  const fill = (cells: readonly string[]) => [
    ...cells,
    ...Array<string>(width - cells.length).fill(''),
  ]
  const columns = fill(table.columns)
  const rows = table.rows.map(fill)
  if (!pipes) return { kind: 'fence', language: '', text: alignColumns(columns, rows) }
  const numeric = columns.map((_, column) => isNumeric(rows.map((row) => row[column] ?? '')))
  return {
    kind: 'table',
    head: [rowLine(columns), `| ${numeric.map((right) => (right ? '--:' : '---')).join(' | ')} |`],
    rows: rows.map(rowLine),
  }
}

function lengths(rows: readonly (readonly string[])[]): number[] {
  return [...new Set(rows.map((row) => row.length))]
}

function rowLine(cells: readonly string[]): string {
  return `| ${cells.map(cellText).join(' | ')} |`
}

function cellText(text: string): string {
  return muteMentions(escapeInline(text.trim())).replace(/(?<!\\)\|/g, '\\|')
}

/** Numbers, with gaps where a row has none. */
function isNumeric(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => !/^(?:…|NaN|null|None)?$/.test(cell.trim()))
  return filled.length > 0 && filled.every(isNumber)
}

function isNumber(text: string): boolean {
  const number = text.trim().replace(/%$/, '').trimEnd()
  return /^[-+\u2212]?(?:\d[\d_,' ]*(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(number)
}

function alignColumns(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, ...rows].map((cells) =>
    cells.map((cell) => cell.replace(/\s+/g, ' ').trim()),
  )
  const widths = columns.map((_, column) =>
    lines.reduce((widest, cells) => Math.max(widest, textLength(cells[column] ?? '', 'runes')), 0),
  )
  const print = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - textLength(cell, 'runes')))
      .join('  ')
      .trimEnd()
  const [head = [], ...body] = lines
  return [
    print(head),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...body.map(print),
  ].join('\n')
}
