// Rows and columns -> an HTML table, bounded: arrays of records, Arrow tables, Arquero frames. What has no columns is no table.
import { inspect, types } from 'node:util'
import { Array, Math, Object, Reflect, Set, String } from '../../api/primordials.ts'
import { read } from './descriptors.ts'
import { escapeHtml } from './html.ts'

/** Rows and columns shown, rows looked at for their columns, characters of one cell. */
const ROWS = 100
const COLUMNS = 30
const LOOKED_AT = 1000
const CELL = 300
/** Of the table as text. */
const TEXT_ROWS = 20
const TEXT_CELL = 30

interface Table {
  /** All of them. */
  columns: readonly string[]
  /** Number of all rows. */
  size: number
  /** Texts of the cells shown. */
  rows: readonly string[][]
}

/** Undefined if the values are not all plain records with at least one column. */
export function recordsTable(values: readonly unknown[]): string | undefined {
  const looked = values.slice(0, LOOKED_AT)
  if (looked.length === 0 || !looked.every(isRecord)) return undefined
  const columns = [...new Set(looked.flatMap((row) => Object.keys(row)))]
  if (columns.length === 0) return undefined
  const shown = columns.slice(0, COLUMNS)
  const rows = looked.slice(0, ROWS).map((row) => shown.map((column) => ownText(row, column)))
  return html({ columns, size: values.length, rows })
}

/** A data frame, known by its shape, as HTML and as text: its inner parts tell nobody anything. Undefined for anything else. */
export function frameTable(value: object): { html: string; text: string } | undefined {
  const table = arrowTable(value) ?? arqueroTable(value)
  return table && { html: html(table), text: textTable(table) }
}

/** `numRows`, `schema.fields` and `getChild(name).get(row)`. */
function arrowTable(table: object): Table | undefined {
  const size = read(table, 'numRows')
  const schema = read(table, 'schema')
  const fields = isObject(schema) ? read(schema, 'fields') : undefined
  if (typeof size !== 'number' || !Array.isArray(fields)) return undefined
  if (typeof read(table, 'getChild') !== 'function') return undefined
  const columns = fields
    .map((field: unknown) => (isObject(field) ? read(field, 'name') : ''))
    .map(String)
  const vectors = columns.slice(0, COLUMNS).map((name) => call(table, 'getChild', name))
  const rows = Array.from({ length: Math.min(size, ROWS) }, (_none, row) =>
    vectors.map((vector) => cellText(isObject(vector) ? call(vector, 'get', row) : undefined)),
  )
  return { columns, size, rows }
}

/** `columnNames()`, `numRows()` and `objects({ limit })`, which keeps the order and filter of the frame. */
function arqueroTable(frame: object): Table | undefined {
  const methods = ['columnNames', 'numRows', 'objects']
  if (!methods.every((name) => typeof read(frame, name) === 'function')) return undefined
  const columns = call(frame, 'columnNames')
  const size = call(frame, 'numRows')
  const records = call(frame, 'objects', { limit: ROWS })
  if (!Array.isArray(columns) || typeof size !== 'number' || !Array.isArray(records)) {
    return undefined
  }
  const names = columns.map(String)
  const shown = names.slice(0, COLUMNS)
  const rows = records
    .filter(isObject)
    .map((record) => shown.map((column) => ownText(record, column)))
  return { columns: names, size, rows }
}

function html({ columns, size, rows }: Table): string {
  const shown = columns.slice(0, COLUMNS)
  const head = ['', ...shown].map((name) => `<th>${escapeHtml(name)}</th>`).join('')
  const body = rows.map(
    (cells, index) =>
      `<tr><th>${index}</th>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`,
  )
  const left = [
    size > rows.length ? `${size - rows.length} more rows` : '',
    columns.length > COLUMNS ? `${columns.length - COLUMNS} more columns` : '',
  ].filter((text) => text !== '')
  const note = left.length > 0 ? `<p>${left.join(', ')}</p>` : ''
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>${note}`
}

/** In columns of the same width, as far as a line of a console holds. */
function textTable({ columns, size, rows }: Table): string {
  const first = rows.slice(0, TEXT_ROWS)
  const widths = columns.slice(0, COLUMNS).map((name, column) => {
    const texts = [name, ...first.map((cells) => cells[column] ?? '')]
    return Math.min(TEXT_CELL, Math.max(...texts.map((text) => text.length)))
  })
  const lines = [columns, ...first].map((cells) =>
    widths
      .map((width, column) =>
        oneLine(cells[column] ?? '')
          .slice(0, width)
          .padStart(width),
      )
      .join('  '),
  )
  return [...lines, `[${size} rows × ${columns.length} columns]`].join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

function ownText(row: object, column: string): string {
  const descriptor = Reflect.getOwnPropertyDescriptor(row, column)
  if (!descriptor) return ''
  return 'value' in descriptor ? cellText(descriptor.value) : '[Getter]'
}

function isRecord(value: unknown): value is object {
  if (!isObject(value) || types.isProxy(value)) return false
  const prototype = Reflect.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function call(target: object, method: string, ...args: unknown[]): unknown {
  const run = read(target, method)
  return typeof run === 'function' ? Reflect.apply(run, target, args) : undefined
}

function cellText(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : inspect(value, {
          depth: 1,
          breakLength: Infinity,
          maxArrayLength: 20,
          maxStringLength: CELL,
        })
  return text.length > CELL ? `${text.slice(0, CELL)}…` : text
}
