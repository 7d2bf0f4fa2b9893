// HTML that a cell displayed -> pieces of markdown: tables as tables, common markup, the rest as
// text. Nothing is executed or fetched; script and style are dropped. One pass over the tags, so a
// megabyte of them stays cheap.
import { scanHtml } from '../../post/text/html-parts.ts'
import { escapeInline } from './escape.ts'
import { parsePieces } from './pieces.ts'
import type { Piece } from './pieces.ts'
import { decodeEntities } from './html-tags.ts'
import { tablePiece } from './table.ts'

const HIDDEN = new Set(['script', 'style', 'head', 'template', 'noscript', 'svg', 'title'])
const BLOCK = new Set(
  'address article aside blockquote dd details div dl dt figure footer form header hr main nav ol p section ul'.split(
    ' ',
  ),
)
const MARK: Record<string, string> = { b: '**', strong: '**', i: '*', em: '*', del: '~~', s: '~~' }

export interface HtmlOptions {
  /** Whether the chat shows pipe tables. */
  tables: boolean
}

/** Pieces in the order of the HTML; none if it shows no text. */
export function htmlPieces(html: string, { tables }: HtmlOptions): Piece[] {
  const pieces: Piece[] = []
  let text = ''
  let hidden = ''
  const links: string[] = []
  let pre: string | undefined
  let table:
    | {
        columns: string[]
        rows: string[][]
        row: string[]
        cell: string
        header: boolean
        depth: number
      }
    | undefined

  const write = (more: string) => {
    if (table) table.cell += more
    else if (pre !== undefined) pre += more
    else text += more
  }
  const endText = () => {
    const markdown = text
      .replace(/(?<![ \t])[ \t]+\n/g, '\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim()
    // One by one: there may be more than a call takes arguments.
    for (const piece of parsePieces(markdown)) pieces.push(piece)
    text = ''
  }
  const endRow = () => {
    if (!table || table.row.length === 0) return
    if (table.header && table.columns.length === 0) table.columns = table.row
    else table.rows.push(table.row)
    table.row = []
  }
  const inTable = (closing: boolean, name: string) => {
    if (!table) return
    if (name === 'table') {
      table.depth += closing ? -1 : 1
      if (table.depth > 0) return
      endRow()
      if (table.columns.length + table.rows.length > 0) pieces.push(tablePiece(table, tables))
      table = undefined
    } else if (name === 'tr') {
      endRow()
      table.header = true
    } else if (name === 'td' || name === 'th') {
      if (closing) table.row.push(table.cell.replace(/\s+/g, ' ').trim())
      else if (name === 'td') table.header = false
      table.cell = ''
    } else if (BLOCK.has(name) || name === 'br') table.cell += ' '
  }
  const inText = (closing: boolean, name: string, attributes: string) => {
    const heading = /^h([1-6])$/.exec(name)?.[1]
    if (name === 'table' && !closing) {
      endText()
      table = { columns: [], rows: [], row: [], cell: '', header: true, depth: 1 }
    } else if (name === 'pre') {
      if (closing && pre !== undefined)
        pieces.push({ kind: 'fence', language: '', text: pre.trimEnd() })
      if (!closing) endText()
      pre = closing ? undefined : ''
    } else if (pre !== undefined) pre += name === 'br' ? '\n' : ''
    else if (name === 'br') text += '\n'
    else if (heading !== undefined) text += closing ? '\n\n' : `\n\n${'#'.repeat(Number(heading))} `
    else if (name === 'li') text += closing ? '\n' : '\n- '
    else if (BLOCK.has(name)) text += '\n\n'
    else if (name === 'code') text += '`'
    else if (name in MARK) text += MARK[name] ?? ''
    else if (name === 'a') {
      const href = closing ? links.pop() : linkOf(attributes, 'href')
      if (!closing) links.push(href ?? '')
      if (href !== undefined && href !== '') text += closing ? `](${href})` : '['
    } else if (name === 'img') text += imageText(attributes)
  }

  for (const part of scanHtml(html)) {
    if (part.kind === 'text') {
      if (hidden !== '') continue
      const shown = decodeEntities(part.text)
      write(pre !== undefined || table ? shown : escapeInline(shown.replace(/\s+/g, ' ')))
    } else if (hidden !== '') {
      if (part.closing && part.name === hidden) hidden = ''
    } else if (HIDDEN.has(part.name) && !part.closing && !part.attributes.endsWith('/')) {
      hidden = part.name
    } else if (table) inTable(part.closing, part.name)
    else inText(part.closing, part.name, part.attributes)
  }
  if (table) inTable(true, 'table')
  if (pre !== undefined) pieces.push({ kind: 'fence', language: '', text: pre })
  endText()
  return pieces
}

const ATTRIBUTES = {
  href: /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i,
  src: /\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i,
  alt: /\salt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i,
}

function attribute(attributes: string, name: keyof typeof ATTRIBUTES): string | undefined {
  const match = ATTRIBUTES[name].exec(attributes)
  const value = match?.[1] ?? match?.[2] ?? match?.[3]
  return value === undefined ? undefined : decodeEntities(value)
}

function linkOf(attributes: string, name: 'href' | 'src'): string | undefined {
  const url = attribute(attributes, name)?.trim()
  return url !== undefined && /^https?:\/\/[^\s()<>]+$/i.test(url) ? url : undefined
}

function imageText(attributes: string): string {
  const alt = escapeInline(attribute(attributes, 'alt') ?? 'image')
  const url = linkOf(attributes, 'src')
  return url === undefined ? `*${alt}*` : `[${alt}](${url})`
}
