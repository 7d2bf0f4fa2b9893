// Markdown as pieces that know where they may be cut: prose, code fences and pipe tables. Fences
// are printed anew, so how a chat server reads somebody's backticks never decides what is code.
import { fenceMark } from '../../post/text/fence.ts'

export type Piece =
  | { kind: 'prose'; text: string }
  /** `hasTitle`: its first line says what the rest is, as that of an error. */
  | { kind: 'fence'; language: string; text: string; hasTitle?: true }
  /** Lines of a pipe table, already escaped; `head` is the header and the delimiter row. */
  | { kind: 'table'; head: readonly [string, string]; rows: readonly string[] }

const LONGEST_LANGUAGE = 40
const FENCE = /^( {0,3})(`{3,}|~{3,})([^]*)$/
/** Matches a line without blanks at its end. */
const DELIMITER_ROW = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$/

/** Splits markdown at top-level fences and tables. Open fences go to the end (CommonMark 4.5). */
export function parsePieces(markdown: string): Piece[] {
  const lines = markdown.split('\n')
  const pieces: Piece[] = []
  let prose: string[] = []
  const endProse = () => {
    const text = prose
      .join('\n')
      .replace(/^(?:[ \t]*\n)+/, '')
      .trimEnd()
    if (text !== '') pieces.push({ kind: 'prose', text })
    prose = []
  }
  let index = 0
  while (index < lines.length) {
    const line = lines[index] ?? ''
    const fence = openFence(line)
    if (fence) {
      endProse()
      const end = closingLine(lines, index + 1, fence)
      const body = lines.slice(index + 1, end === -1 ? undefined : end)
      pieces.push({
        kind: 'fence',
        language: fence.language,
        text: body.map((text) => outdented(text, fence.indent)).join('\n'),
      })
      if (end === -1) break
      index = end + 1
      continue
    }
    const delimiter = lines[index + 1] ?? ''
    if (line.includes('|') && delimiter.includes('|') && DELIMITER_ROW.test(delimiter.trimEnd())) {
      endProse()
      let end = index + 2
      while (end < lines.length && lines[end]?.trim() !== '' && !openFence(lines[end] ?? '')) end++
      pieces.push({ kind: 'table', head: [line, delimiter], rows: lines.slice(index + 2, end) })
      index = end
      continue
    }
    prose.push(line)
    index++
  }
  endProse()
  return pieces
}

/** Line that closes the fence, or -1. Reads only inside it: there may be 100,000 fences. */
function closingLine(lines: readonly string[], start: number, fence: OpenFence): number {
  for (let index = start; index < lines.length; index++)
    if (closes(lines[index] ?? '', fence)) return index
  return -1
}

/** Removes at most as many blanks as the fence is indented by. */
function outdented(text: string, indent: number): string {
  let blanks = 0
  while (blanks < indent && text[blanks] === ' ') blanks += 1
  return text.slice(blanks)
}

interface OpenFence {
  indent: number
  mark: string
  language: string
}

function openFence(line: string): OpenFence | undefined {
  const match = FENCE.exec(line)
  if (!match) return undefined
  const [, indent = '', mark = '', info = ''] = match
  if (mark.startsWith('`') && info.includes('`')) return undefined
  return { indent: indent.length, mark, language: info.trim().split(/\s/)[0] ?? '' }
}

function closes(line: string, { mark }: OpenFence): boolean {
  const match = FENCE.exec(line)
  const closing = match?.[2] ?? ''
  return (
    match?.[3]?.trim() === '' && closing.startsWith(mark[0] ?? '`') && closing.length >= mark.length
  )
}

/** With its text changed, but for the delimiter row of a table; code stays as it is. */
export function withText(piece: Piece, change: (text: string) => string): Piece {
  switch (piece.kind) {
    case 'fence':
      return piece
    case 'prose':
      return { kind: 'prose', text: change(piece.text) }
    case 'table': {
      const [header, delimiter] = piece.head
      return { kind: 'table', head: [change(header), delimiter], rows: piece.rows.map(change) }
    }
  }
}

/** A piece as markdown, without line breaks around it. */
export function printPiece(piece: Piece): string {
  switch (piece.kind) {
    case 'prose':
      return piece.text
    case 'table':
      return [...piece.head, ...piece.rows].join('\n')
    case 'fence': {
      const mark = fenceMark(piece.text)
      // No language has a longer name; it is repeated in every message with a part of the text.
      const language = piece.language.replace(/[^\w+#.-]/g, '').slice(0, LONGEST_LANGUAGE)
      return `${mark}${language}\n${piece.text}\n${mark}`
    }
  }
}
