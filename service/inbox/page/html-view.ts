// HTML that a cell displayed, before the relay made markdown and pictures of it. It is read as the relay does and shown as markdown: a
// parser of the browser would fetch, run and report what is in it, or try to.
import { htmlPieces } from '../../render/html.ts'
import { printPiece } from '../../render/pieces.ts'
import type { Allowance } from './allowance.ts'
import { documentView } from './markdown-view.ts'

/** Undefined if it shows no text, or is long: its text/plain is shown until the relay has converted it. */
export function htmlView(html: string, allowance: Allowance): HTMLElement | undefined {
  if (!allowance.take('markdown', html.length)) return undefined
  const pieces = htmlPieces(html, { tables: true }).map(printPiece)
  return pieces.length === 0 ? undefined : documentView(pieces.join('\n\n'), allowance)
}
