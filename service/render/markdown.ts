// Blocks of a post -> pieces of markdown for chats that speak CommonMark with pipe tables. MESSAGE
// may mention people, outputs mention nobody, and no output makes the chat fetch an image from
// elsewhere.
import { choicesText } from '../../post/contract/question.ts'
import type { Block } from '../../post/contract/schema.ts'
import type { Table } from './cut-table.ts'
import { cleanText, escapeInline } from './escape.ts'
import { muteBroadcasts, muteMentions } from './mentions.ts'
import { parsePieces, withText } from './pieces.ts'
import type { Piece } from './pieces.ts'
import { tablePiece } from './table.ts'
import { bareTex } from './tex.ts'

/** What the printer must know about a chat service; the port's `Capabilities` have it. */
export interface Dialect {
  tables: boolean
  /** Whether a `latex` fence renders. */
  math: boolean
}

/** One block as pieces; none if it shows nothing. Names files only where their place matters. */
export function blockPieces(
  block: Block,
  files: readonly { name: string }[],
  dialect: Dialect,
  nameFiles: boolean,
): Piece[] {
  switch (block.type) {
    case 'message':
      return parsePieces(cleanText(block.text)).map((piece) => withText(piece, muteBroadcasts))
    case 'markdown':
      return outputPieces(parsePieces(cleanText(block.text)))
    case 'text': {
      const fence = fencePiece('', block.text)
      if (block.stream === 'stderr' && fence.length > 0)
        return [{ kind: 'prose', text: '*stderr*' }, ...fence]
      return fence
    }
    case 'code':
      return fencePiece(block.language, block.text)
    case 'latex':
      // Where formulas are off, `tex` would show an error once they are on.
      return fencePiece(dialect.math ? 'latex' : '', bareTex(cleanText(block.text)))
    case 'table':
      return [tablePiece(cleanTable(block), dialect.tables)]
    case 'html':
      // The relay reads HTML earlier: when a post comes or, for older posts, before it prints them.
      return fencePiece('', block.text)
    case 'error':
      return fencePiece('', errorText(block)).map((piece) => ({ ...piece, hasTitle: true }))
    case 'notice':
      return [{ kind: 'prose', text: `*${muteMentions(escapeInline(cleanText(block.text)))}*` }]
    case 'choices': {
      const lines = choicesText(block).split('\n')
      const how = lines.pop() ?? ''
      const text = [
        ...lines.map((line) => escapeInline(cleanText(line))),
        '',
        `*${escapeInline(cleanText(how))}*`,
      ]
      return [{ kind: 'prose', text: muteMentions(text.join('\n').trim()) }]
    }
    case 'image':
    case 'file': {
      const name = files[block.file]?.name
      if (name === undefined || !nameFiles) return []
      return [{ kind: 'prose', text: `*${muteMentions(escapeInline(name))}*` }]
    }
  }
}

function fencePiece(language: string, text: string): Array<Extract<Piece, { kind: 'fence' }>> {
  const clean = cleanText(text).replace(/(?<!\n)\n+$/, '')
  return clean.trim() === '' ? [] : [{ kind: 'fence', language, text: clean }]
}

function outputPieces(pieces: Piece[]): Piece[] {
  return pieces.map((piece) => withText(piece, (text) => muteMentions(linkImages(text))))
}

/** The beginning of a markdown image: its caption, and its address so far. */
const IMAGE = /!\[([^\][]*)\]\(\s*<?([^)\s>]*)/g

/**
 * The chat and each reader would fetch an image from elsewhere: it becomes a link. An image
 * without an address becomes its caption.
 */
function linkImages(text: string): string {
  let linked = ''
  let end = 0
  for (const { 0: whole, 1: alt = '', 2: url = '', index } of text.matchAll(IMAGE)) {
    if (index < end) continue
    const close = text.indexOf(')', index + whole.length)
    // No closing bracket here means none for any later image either.
    if (close === -1) break
    linked += text.slice(end, index)
    if (/^https?:/i.test(url)) linked += `[${alt === '' ? url : alt}](${url})`
    else linked += `*${alt === '' ? 'image' : alt}*`
    end = close + 1
  }
  return (linked + text.slice(end)).replaceAll('![', '[')
}

/** Name and message, then the frames; the first line is not repeated. */
function errorText(error: { name: string; message: string; traceback: string }): string {
  const title = error.message === '' ? error.name : `${error.name}: ${error.message}`
  // All frames keep their indentation, the first one too.
  const traceback = error.traceback.replace(/^\s*\n/, '').trimEnd()
  if (traceback.trim() === '') return title
  return traceback.includes(title) ? traceback : `${title}\n${traceback}`
}

function cleanTable({ columns, rows, align }: Table): Table {
  return { columns: columns.map(cleanText), rows: rows.map((row) => row.map(cleanText)), align }
}
