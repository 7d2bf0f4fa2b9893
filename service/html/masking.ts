// Masks secrets in the text of a tree, where neither tags nor entities hide them. The text is
// searched twice: with borders between lines, and without.
import { BORDER } from '../../post/secrets/mask.ts'
import { isBlock } from './elements.ts'
import { isElement } from './tree.ts'
import type { HtmlElement, HtmlNode, HtmlText } from './tree.ts'

/** Masks a text that comes in pieces, and returns the same number of pieces. */
export type MaskPieces = (texts: readonly string[]) => string[]

/** Elements of drawings that separate texts: words in two of them do not belong together. */
const DRAWN_TEXT = new Set(['text', 'title', 'desc'])
/** Elements of drawings that are not shown. The file made from the drawing is searched later. */
const UNSEEN = new Set(['script', 'style', 'metadata'])

export function maskTree(root: HtmlElement, mask: MaskPieces): void {
  const pieces: HtmlText[] = []
  const add = (node: HtmlNode): void => {
    if (!isElement(node)) {
      pieces.push(node)
      return
    }
    if (UNSEEN.has(node.name)) return
    const isApart = node.name === 'br' || DRAWN_TEXT.has(node.name) || isBlock(node.name)
    if (isApart) pieces.push({ text: BORDER })
    for (const child of node.children) add(child)
    if (isApart) pieces.push({ text: BORDER })
  }
  add(root)
  const masked = mask(pieces.map(({ text }) => text))
  for (const [n, piece] of pieces.entries()) piece.text = masked[n] ?? ''
}
