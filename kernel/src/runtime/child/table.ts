// An array of records -> an HTML table, bounded; what has no columns in common is no table.
import { inspect, types } from 'node:util'
import { Object, Reflect, Set } from '../../api/primordials.ts'

const ROWS = 100
const COLUMNS = 30
const CELL = 300

/** Undefined if the values are not all plain records with at least one column. */
export function recordsTable(values: readonly unknown[]): string | undefined {
  const rows = values.slice(0, ROWS)
  if (rows.length === 0 || !rows.every(isRecord)) return undefined
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  if (columns.length === 0) return undefined
  const shown = columns.slice(0, COLUMNS)
  const head = ['', ...shown].map((name) => `<th>${escapeHtml(name)}</th>`).join('')
  const body = rows.map(
    (row, index) =>
      `<tr><th>${index}</th>${shown.map((column) => cell(row, column)).join('')}</tr>`,
  )
  const left = [
    values.length > ROWS ? `${values.length - ROWS} more rows` : '',
    columns.length > COLUMNS ? `${columns.length - COLUMNS} more columns` : '',
  ].filter(Boolean)
  const note = left.length > 0 ? `<p>${left.join(', ')}</p>` : ''
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>${note}`
}

function cell(row: object, column: string): string {
  const descriptor = Reflect.getOwnPropertyDescriptor(row, column)
  return `<td>${descriptor ? escapeHtml(cellText(descriptor.value)) : ''}</td>`
}

function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  const prototype = Reflect.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function cellText(value: unknown): string {
  const text =
    typeof value === 'string' ? value : inspect(value, { depth: 1, breakLength: Infinity })
  return text.length > CELL ? `${text.slice(0, CELL)}…` : text
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
