// Reads the cells of an HTML table as a rectangle: a cell with a span is followed by empty cells,
// and a short row is filled up.
import type { Block } from '../../post/contract/schema.ts'
import { widthOf } from '../render/cut-table.ts'
import type { Alignment } from '../render/cut-table.ts'
import { alignmentOfCell, alignmentOfColumns } from './alignment.ts'
import type { StyleSheet } from './alignment.ts'
import { isBlock } from './elements.ts'
import { isMedia } from './media.ts'
import { isElement } from './tree.ts'
import type { HtmlElement, HtmlNode } from './tree.ts'

/**
 * Most empty cells that spans and short rows make, in all tables of one HTML: 20 kB of spans over
 * empty rows would make a million.
 */
const MOST_GAPS = 50_000
/** No table of real data has larger spans; a hostile one must not fill the memory. */
const WIDEST_SPAN = 100

type Table = Extract<Block, { type: 'table' }>

interface Row {
  /** It has no `<td>`. */
  isHead: boolean
  /** It is in a `<thead>`. */
  isOfHead: boolean
  cells: string[]
  /** How its cells are aligned, as far as they say so. */
  aligned: (Alignment | undefined)[]
}

export interface TableContent {
  /** Undefined if it has no cells. */
  table: Table | undefined
  /** What is outside its rows: the caption, and text that a browser would move before the table. */
  outside: HtmlNode[]
  /** Drawings, pictures and media in its cells. */
  pictures: HtmlElement[]
}

/** Reads the tables of one HTML. */
export class TableReader {
  #gaps = MOST_GAPS
  readonly #sheet: StyleSheet

  constructor(sheet: StyleSheet) {
    this.#sheet = sheet
  }

  read(table: HtmlElement): TableContent {
    const outside: HtmlNode[] = []
    const pictures: HtmlElement[] = []
    const rows: Row[] = []
    /** Column -> number of rows that a cell above still covers. */
    const covered: number[] = []
    for (const { row, isOfHead } of rowsOf(table, outside)) {
      const read = this.#row(row, covered, pictures)
      if (read.cells.length > 0) rows.push({ ...read, isOfHead })
    }
    return { table: this.#rectangle(rows), outside, pictures }
  }

  #row(row: HtmlElement, covered: number[], pictures: HtmlElement[]): Omit<Row, 'isOfHead'> {
    const cells: string[] = []
    const aligned: (Alignment | undefined)[] = []
    let isHead = true
    for (const cell of row.children) {
      if (!isElement(cell) || (cell.name !== 'td' && cell.name !== 'th')) continue
      this.#skipCovered(cells, covered)
      if (cell.name === 'td') isHead = false
      const [wide, high] = [span(cell, 'colspan'), span(cell, 'rowspan')]
      const shown = cellText(cell, pictures)
      const text = allDigits(shown, cell.attributes.get('title')) ?? shown
      const alignment = alignmentOfCell(cell, this.#sheet)
      if (alignment !== undefined) aligned[cells.length] = alignment
      for (let n = 0; n < wide && (n === 0 || this.#hasGap()); n++) {
        covered[cells.length] = high - 1
        cells.push(n === 0 ? text : '')
      }
    }
    this.#skipCovered(cells, covered)
    return { isHead, cells, aligned }
  }

  #skipCovered(cells: string[], covered: number[]): void {
    for (
      let rows = covered[cells.length];
      rows !== undefined && rows > 0 && this.#hasGap();
      rows = covered[cells.length]
    ) {
      covered[cells.length] = rows - 1
      cells.push('')
    }
  }

  #rectangle(rows: readonly Row[]): Table | undefined {
    const [first] = rows
    if (!first) return undefined
    const columns = first.isHead ? first.cells : first.cells.map(() => '')
    const body = (first.isHead ? rows.slice(1) : rows).map(({ cells }) => cells)
    for (const cells of body) while (cells.length < columns.length && this.#hasGap()) cells.push('')
    const table: Table = { type: 'table', columns, rows: body }
    const heads = headsOf(first.isHead ? rows.slice(1) : rows)
    const said = rows[heads + (first.isHead ? 1 : 0)]?.aligned ?? []
    const align = alignmentOfColumns(widthOf(table), body, said, heads)
    return align === undefined ? table : { ...table, align }
  }

  #hasGap(): boolean {
    return this.#gaps-- > 0
  }
}

/** How many rows at the start belong to the head. */
function headsOf(rows: readonly Row[]): number {
  const end = rows.findIndex(({ isOfHead }) => !isOfHead)
  return end === -1 ? 0 : end
}

interface FoundRow {
  row: HtmlElement
  isOfHead: boolean
}

/** The rows of this table, without those of tables inside its cells. */
function rowsOf(table: HtmlElement, outside: HtmlNode[]): FoundRow[] {
  const isOfHead = table.name === 'thead'
  const rows: FoundRow[] = []
  for (const child of table.children) {
    if (!isElement(child)) outside.push(child)
    else if (child.name === 'tr') rows.push({ row: child, isOfHead })
    else if (/^t(?:head|body|foot)$/.test(child.name))
      for (const row of rowsOf(child, outside)) rows.push(row)
    else outside.push(child)
  }
  return rows
}

/** The text of a cell as a person reads it, on one line. */
function cellText(cell: HtmlElement, pictures: HtmlElement[]): string {
  let text = ''
  const add = (node: HtmlNode): void => {
    if (!isElement(node)) {
      text += node.text
      return
    }
    if (node.name === 'svg' || isMedia(node.name)) {
      pictures.push(node)
      return
    }
    if (node.name === 'img') {
      if (/^\s*data:/i.test(node.attributes.get('src') ?? '')) pictures.push(node)
      else text += node.attributes.get('alt') ?? ''
      return
    }
    const isApart = node.name === 'br' || isBlock(node.name)
    if (isApart) text += ' '
    for (const child of node.children) add(child)
    if (isApart) text += ' '
  }
  for (const child of cell.children) add(child)
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** Two numbers that differ by no more, relative to their size, agree in the digits shown. */
const SAME = 1e-5
const LONGEST_NUMBER = 30

/** The number in a cell's title, if the cell shows it rounded: files are for calculating. */
function allDigits(shown: string, title = ''): string | undefined {
  if (shown === '' || title.length <= shown.length || title.length > LONGEST_NUMBER)
    return undefined
  const [rounded, whole] = [Number(shown), Number(title)]
  if (!Number.isFinite(whole)) return undefined
  return Math.abs(whole - rounded) <= SAME * Math.abs(whole) ? title : undefined
}

function span({ attributes }: HtmlElement, name: string): number {
  const value = Number(attributes.get(name) ?? 1)
  return Number.isInteger(value) && value > 1 ? Math.min(value, WIDEST_SPAN) : 1
}
