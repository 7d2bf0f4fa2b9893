// Rows and columns -> an HTML table, bounded: arrays of records, Arrow tables, Arquero frames.
// A value without columns is no table.
import { types } from 'node:util'
import {
  Array,
  Math,
  Object,
  Reflect,
  Set,
  String,
  UserObject,
  listOf,
} from '../../api/primordials.ts'
import { read } from './descriptors.ts'
import { cellOf } from './table-cell.ts'
import type { Cell } from './table-cell.ts'
import { escapeHtml } from './value-tree.ts'

/** Show all rows up to this many, otherwise the first and last, as pandas does; columns too. */
const ROWS = 60
const END_ROWS = 10
const COLUMNS = 30
const END_COLUMNS = 15
/** Rows searched for columns. */
const LOOKED_AT = 1000
/** Bounds of the table as text. */
const TEXT_ROWS = 20
const TEXT_CELL = 30

interface Row {
  /** Position among all rows, from 0. */
  index: number
  /** The cells in the columns shown. */
  cells: readonly Cell[]
}

interface Table {
  /** All column names. */
  columns: readonly string[]
  /** Number of all rows. */
  size: number
  /** The rows shown. */
  rows: readonly Row[]
}

/** Undefined if the values are not all plain records with at least one column. */
export function recordsTable(values: readonly unknown[]): string | undefined {
  const size = values.length
  const looked = [
    ...part(values, 0, Math.min(LOOKED_AT, size)),
    ...part(values, Math.max(LOOKED_AT, size - END_ROWS), size),
  ]
  if (looked.length === 0 || !looked.every(isRecord)) return undefined
  const columns = [...new Set(looked.flatMap((row) => Object.keys(row)))]
  if (columns.length === 0) return undefined
  const names = shownColumns(columns)
  const rows = places(values.length, ROWS, END_ROWS).flatMap((index) => {
    const row = values[index]
    return isObject(row) ? [{ index, cells: names.map((name) => ownCell(row, name)) }] : []
  })
  return html({ columns, size: values.length, rows })
}

/** Like `slice`, which the user may have changed. */
function part(values: readonly unknown[], start: number, end: number): unknown[] {
  const length = Math.max(0, end - start)
  return Array.from({ length }, (_none, index) => values[start + index])
}

/** Positions shown: all of them if there are at most `most`, else the first and last `ends`. */
function places(size: number, most: number, ends: number): number[] {
  const all = Array.from({ length: size <= most ? size : 2 * ends }, (_none, n) => n)
  return all.map((n) => (size <= most || n < ends ? n : size - 2 * ends + n))
}

function shownColumns(columns: readonly string[]): string[] {
  return places(columns.length, COLUMNS, END_COLUMNS).map((n) => columns[n] ?? '')
}

/** A data frame, known by its shape, as HTML and text; its inner parts help nobody. */
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
  const columns = listOf<unknown>(fields)
    .map((field: unknown) => (isObject(field) ? read(field, 'name') : ''))
    .map(String)
  const vectors = shownColumns(columns).map((name) => call(table, 'getChild', name))
  const rows = places(size, ROWS, END_ROWS).map((index) => ({
    index,
    cells: vectors.map((vector) =>
      cellOf(isObject(vector) ? call(vector, 'get', index) : undefined),
    ),
  }))
  return { columns, size, rows }
}

/** `columnNames()`, `numRows()`, and `objects({ limit, offset })`, which keeps order and filter. */
function arqueroTable(frame: object): Table | undefined {
  const methods = ['columnNames', 'numRows', 'objects']
  if (!methods.every((name) => typeof read(frame, name) === 'function')) return undefined
  const columns = call(frame, 'columnNames')
  const size = call(frame, 'numRows')
  if (!Array.isArray(columns) || typeof size !== 'number') return undefined
  const shown = places(size, ROWS, END_ROWS)
  const first = call(frame, 'objects', { limit: size <= ROWS ? size : END_ROWS })
  const last =
    size <= ROWS ? [] : call(frame, 'objects', { limit: END_ROWS, offset: size - END_ROWS })
  if (!Array.isArray(first) || !Array.isArray(last)) return undefined
  const names = listOf<unknown>(columns).map(String)
  const records = [...listOf<unknown>(first), ...listOf<unknown>(last)]
  const rows = records.filter(isObject).map((record, n) => ({
    index: shown[n] ?? n,
    cells: shownColumns(names).map((column) => ownCell(record, column)),
  }))
  return { columns: names, size, rows }
}

function html({ columns, size, rows }: Table): string {
  const head = withGap(['', ...shownColumns(columns)], columns.length, '…')
  const lines = rows.map(({ index, cells }, n) => {
    const line = `<tr><th>${index}</th>${withGap(cells, columns.length, GAP, 0)
      .map(({ text, full }) => `<td${titleOf(full)}>${escapeHtml(text)}</td>`)
      .join('')}</tr>`
    const before = rows[n - 1]?.index ?? -1
    if (index === before + 1) return line
    return `<tr><th>…</th>${'<td>…</td>'.repeat(head.length - 1)}</tr>${line}`
  })
  const isCut = size > ROWS || columns.length > COLUMNS
  const note = isCut ? `<p>${sizeText(size, columns.length)}</p>` : ''
  const names = head.map((name) => `<th>${escapeHtml(name)}</th>`).join('')
  return `<table><thead><tr>${names}</tr></thead><tbody>${lines.join('')}</tbody></table>${note}`
}

const GAP: Cell = { text: '…' }

/** A post has the number of this attribute: service/html/table.ts. */
function titleOf(full: string | undefined): string {
  return full === undefined ? '' : ` title="${full}"`
}

/** With a column of dots where some are left out. @param labels - Cells before the first column. */
function withGap<Item>(
  cells: readonly Item[],
  columns: number,
  gap: Item,
  labels = 1,
): readonly Item[] {
  if (columns <= COLUMNS) return cells
  const middle = END_COLUMNS + labels
  return [...cells.slice(0, middle), gap, ...cells.slice(middle)]
}

function sizeText(rows: number, columns: number): string {
  return `${rows} rows × ${columns} columns`
}

/** In columns of equal width, as far as a console line reaches. */
function textTable({ columns, size, rows }: Table): string {
  const shown = places(rows.length, TEXT_ROWS, TEXT_ROWS / 2).flatMap((n) => rows[n] ?? [])
  const names = shownColumns(columns)
  const widths = names.map((name, column) => {
    const texts = [name, ...shown.map(({ cells }) => cells[column]?.text ?? '')]
    return Math.min(TEXT_CELL, Math.max(...texts.map((text) => text.length)))
  })
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) =>
        oneLine(cells[column] ?? '')
          .slice(0, width)
          .padStart(width),
      )
      .join('  ')
  const lines = shown.flatMap(({ index, cells }, n) => {
    const isNext = index === (shown[n - 1]?.index ?? -1) + 1
    const shownLine = line(cells.map(({ text }) => text))
    return isNext ? [shownLine] : ['…', shownLine]
  })
  return [line(names), ...lines, `[${sizeText(size, columns.length)}]`].join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

function ownCell(row: object, column: string): Cell {
  const descriptor = Reflect.getOwnPropertyDescriptor(row, column)
  if (!descriptor) return { text: '' }
  return 'value' in descriptor ? cellOf(descriptor.value) : { text: '[Getter]' }
}

function isRecord(value: unknown): value is object {
  if (!isObject(value) || types.isProxy(value)) return false
  const prototype = Reflect.getPrototypeOf(value)
  return prototype === null || prototype === UserObject.prototype || prototype === Object.prototype
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function call(target: object, method: string, ...args: unknown[]): unknown {
  const run = read(target, method)
  return typeof run === 'function' ? Reflect.apply(run, target, args) : undefined
}
