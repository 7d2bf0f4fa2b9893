// Markdown and HTML that a cell displayed -> blocks: images inside markdown become files, a table becomes a table.
import type { Block } from '../../../post/schema.ts'

export interface InlineImage {
  type: 'image'
  bytes: Uint8Array
  mimetype: string
  extension: string
  alt: string
}

// `![alt](data:image/png;base64,...)`, with an optional title.
const DATA_IMAGE =
  /!\[([^\]]*)\]\(\s*<?data:image\/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+?)>?(?:\s+"[^"]*")?\s*\)/g

/** Markdown in pieces: text, and the `data:` images between. */
export function markdownBlocks(
  markdown: string,
): Array<Extract<Block, { type: 'markdown' }> | InlineImage> {
  const parts: Array<Extract<Block, { type: 'markdown' }> | InlineImage> = []
  let end = 0
  const pushText = (text: string): void => {
    if (text.trim() !== '')
      parts.push({ type: 'markdown', text: text.replace(/^ {0,3}(?=\S)|^\n+|\s+$/g, '') })
  }
  for (const match of markdown.matchAll(DATA_IMAGE)) {
    const [whole, alt = '', format = 'png', base64 = ''] = match
    pushText(markdown.slice(end, match.index))
    end = match.index + whole.length
    parts.push({
      type: 'image',
      bytes: Buffer.from(base64, 'base64'),
      mimetype: `image/${format}`,
      extension: format === 'jpeg' ? 'jpg' : format,
      alt,
    })
  }
  pushText(markdown.slice(end))
  return parts
}

/** A document that is one simple table becomes a `table`; any other HTML keeps its text/plain beside it. */
export function htmlBlock(html: string, plain: string): Block {
  return tableBlock(html) ?? { type: 'html', html, text: plain }
}

const TABLE = /<table\b[^>]*>([\s\S]*?)<\/table>/gi

function tableBlock(html: string): Block | undefined {
  const tables = [...html.matchAll(TABLE)]
  const inner = tables[0]?.[1]
  // Joined and nested cells, and text around the table, would be lost: that stays HTML.
  if (
    tables.length !== 1 ||
    inner === undefined ||
    /<table\b|(?:col|row)span\s*=\s*["']?[2-9]/i.test(inner)
  )
    return undefined
  const around = html.replace(TABLE, '').replaceAll(/<style\b[\s\S]*?<\/style>/gi, '')
  if (textOf(around) !== '' || /<(?:img|svg|script|iframe)\b/i.test(html)) return undefined
  const rows = [
    ...inner.matchAll(/<tr\b[^>]*>([\s\S]*?)(?=<tr\b|<\/tr>|<\/t(?:head|body|foot)>|$)/gi),
  ].map(([, row = '']) => ({ isHead: !/<td\b/i.test(row), cells: cellsOf(row) }))
  const first = rows[0]
  if (first === undefined || first.cells.length === 0) return undefined
  const columns = first.isHead ? first.cells : first.cells.map(() => '')
  const body = (first.isHead ? rows.slice(1) : rows)
    .map((row) => row.cells)
    .filter((row) => row.length > 0)
  if (body.some((row) => row.length > columns.length)) return undefined
  return { type: 'table', columns, rows: body.map((row) => columns.map((_, i) => row[i] ?? '')) }
}

function cellsOf(row: string): string[] {
  return [...row.matchAll(/<t[dh]\b[^>]*>([\s\S]*?)(?=<t[dh]\b|<\/t[dh]>|$)/gi)].map(
    ([, cell = '']) => textOf(cell),
  )
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

/** The text of a piece of HTML, on one line. */
function textOf(html: string): string {
  return html
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/<br\s*\/?>/gi, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(
      /&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi,
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
