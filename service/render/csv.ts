// A table as CSV that spreadsheets read (RFC 4180). The inbox page uses it too.
import { isNumber } from './numbers.ts'

/** Without it, Excel takes UTF-8 for the system's own encoding. pandas and polars skip it. */
const BYTE_ORDER_MARK = '\ufeff'
/** A spreadsheet takes text that begins like this for a formula; with the wide forms of Asia. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/
/**
 * Where numbers have a comma, a spreadsheet ends cells at a semicolon, and at a line end if the
 * quote before it is not the first sign of such a cell.
 */
const SEPARATOR = /([;\t\r\n])/
/** Formulas that do something have one of these. Without it, `- text` is an item of a list. */
const DOES_SOMETHING = /^\s*[=@\uff1d\uff20]|[(|!]/
const TO_QUOTE = /[",\r\n]/

export interface Cells {
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

/**
 * All cells, in lines that end in CRLF. Cells come from data that others may have written, so one
 * that would be run as a formula is text: with an apostrophe before it, as OWASP advises.
 */
export function csvText({ columns, rows }: Cells): string {
  const lines = columns.some((name) => name !== '') ? [columns, ...rows] : rows
  return BYTE_ORDER_MARK + lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('')
}

function csvCell(cell: string): string {
  const [head = '', ...parts] = cell.split(SEPARATOR)
  const start = isFormula(cell) ? `'${head}` : head
  const further = parts.map((part) =>
    isFormula(part) && DOES_SOMETHING.test(part) ? `'${part}` : part,
  )
  const text = start + further.join('')
  return TO_QUOTE.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A negative number begins like a formula, too. */
function isFormula(text: string): boolean {
  return FORMULA.test(text) && !isNumber(text.trim())
}
