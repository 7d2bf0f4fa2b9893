// Reads HTML that is one simple table, in one pass over the tags. Used only for relays of 0.1.0,
// which show a table best if they get one; newer relays read HTML themselves (service/html). A
// table is not simple if anything would be lost: joined or nested cells, pictures, text around it.
import { tagEnd } from '../../../post/text/svg-tags.ts'

export interface SimpleTable {
  columns: string[]
  rows: string[][]
}

interface Row {
  /** True if it has no `<td>`. */
  isHead: boolean
  cells: string[]
}

type HtmlPart =
  | { kind: 'text'; text: string }
  | { kind: 'tag'; name: string; closing: boolean; attributes: string }

type Tag = Extract<HtmlPart, { kind: 'tag' }>

const NOT_TEXT = new Set(['img', 'svg', 'script', 'iframe'])
/** Tags that end a row, besides the start of the next one. */
const ROW_ENDS = new Set(['tr', 'thead', 'tbody', 'tfoot'])
const JOINED = /(?:col|row)span\s*=\s*["']?(?:[2-9]|1\d)/i

/**
 * The cells of the table; undefined if the HTML is anything else. A first row without `<td>` is the
 * head; short rows are filled up with empty cells.
 */
export function simpleTable(html: string): SimpleTable | undefined {
  const rows = rowsOf(html)
  const [first] = rows ?? []
  if (rows === undefined || first === undefined || first.cells.length === 0) return undefined
  const columns = first.isHead ? first.cells : first.cells.map(() => '')
  const body = (first.isHead ? rows.slice(1) : rows)
    .map((row) => row.cells)
    .filter((row) => row.length > 0)
  if (body.some((row) => row.length > columns.length)) return undefined
  return { columns, rows: body.map((row) => columns.map((_, i) => row[i] ?? '')) }
}

function rowsOf(html: string): Row[] | undefined {
  const reader = new TableReader()
  let isStyle = false
  for (const part of scanHtml(html)) {
    if (part.kind === 'tag' && part.name === 'style') isStyle = !part.closing
    else if (isStyle) continue
    else if (!(part.kind === 'tag' ? reader.tag(part) : reader.text(part.text))) return undefined
  }
  return reader.place === 'behind' ? reader.rows : undefined
}

/** Takes one part after the other. Each method returns whether it may still be a simple table. */
class TableReader {
  readonly rows: Row[] = []
  place: 'before' | 'inside' | 'behind' = 'before'
  #row: Row | undefined
  #cell: string | undefined

  text(text: string): boolean {
    if (this.#cell !== undefined) this.#cell += text
    return this.place === 'inside' || plainText(text) === ''
  }

  tag({ name, closing, attributes }: Tag): boolean {
    if (!closing && NOT_TEXT.has(name)) return false
    if (name === 'table') return this.#table(closing)
    if (this.place !== 'inside') return true
    if (JOINED.test(attributes)) return false
    if (name === 'td' || name === 'th') this.#startOrEndCell(name, closing)
    else if (ROW_ENDS.has(name) && (closing || name === 'tr')) this.#startOrEndRow(closing)
    else if (name === 'br' && this.#cell !== undefined) this.#cell += ' '
    return true
  }

  #table(closing: boolean): boolean {
    if (closing && this.place !== 'inside') return true
    if (!closing && this.place !== 'before') return false
    this.#startOrEndRow(true)
    this.place = closing ? 'behind' : 'inside'
    return true
  }

  #startOrEndRow(closing: boolean): void {
    this.#endCell()
    this.#row = closing ? undefined : { isHead: true, cells: [] }
    if (this.#row !== undefined) this.rows.push(this.#row)
  }

  #startOrEndCell(name: 'td' | 'th', closing: boolean): void {
    this.#endCell()
    if (closing || this.#row === undefined) return
    this.#cell = ''
    if (name === 'td') this.#row.isHead = false
  }

  #endCell(): void {
    if (this.#cell !== undefined) this.#row?.cells.push(plainText(this.#cell))
    this.#cell = undefined
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

/** Text between tags as a person reads it, on one line. */
function plainText(text: string): string {
  return text
    .replaceAll(
      /&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{1,31});/gi,
      (whole, entity: string) => entityText(entity) ?? whole,
    )
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function entityText(entity: string): string | undefined {
  if (!entity.startsWith('#')) return ENTITIES[entity.toLowerCase()]
  const isHex = entity[1] === 'x' || entity[1] === 'X'
  const code = Number.parseInt(entity.slice(isHex ? 2 : 1), isHex ? 16 : 10)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

const TAG_NAME = /(\/?)([a-zA-Z][\w-]*)/y

/** Leaves out comments. As in a browser, an unclosed comment or tag reaches to the end. */
function* scanHtml(html: string): Generator<HtmlPart> {
  let from = 0
  let at = html.indexOf('<')
  while (at !== -1) {
    if (html.startsWith('<!', at) || html.startsWith('<?', at)) {
      yield { kind: 'text', text: html.slice(from, at) }
      const mark = html.startsWith('<!--', at) ? '-->' : '>'
      const end = html.indexOf(mark, at + 2)
      if (end === -1) return
      from = end + mark.length
    } else {
      TAG_NAME.lastIndex = at + 1
      const name = TAG_NAME.exec(html)
      if (name) {
        yield { kind: 'text', text: html.slice(from, at) }
        const start = at + 1 + name[0].length
        const end = tagEnd(html, start)
        if (end === -1) return
        yield {
          kind: 'tag',
          name: (name[2] ?? '').toLowerCase(),
          closing: name[1] === '/',
          attributes: html.slice(start, end),
        }
        from = end + 1
      }
    }
    at = html.indexOf('<', Math.max(from, at + 1))
  }
  yield { kind: 'text', text: html.slice(from) }
}
