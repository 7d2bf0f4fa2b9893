// Masks the text of a tree, which tags may tear, and the words of its pictures: as a person reads
// them, line by line, and without any borders. Entities are characters here, so they hide nothing.
import { BORDER, CELL_BORDER } from '../../post/secrets/mask.ts'
import { isBlock } from './elements.ts'
import { isElement } from './tree.ts'
import type { HtmlElement, HtmlNode, HtmlText } from './tree.ts'

/** Masks a text that comes in pieces, and gives as many back. */
export type MaskPieces = (texts: readonly string[]) => string[]

const CELLS = new Set(['td', 'th', 'tr'])
/** Of drawings: words in different ones do not belong together. */
const DRAWN_TEXT = new Set(['text', 'title', 'desc'])
/** Of drawings: not shown. A look at the file that they become comes later. */
const UNSEEN = new Set(['script', 'style', 'metadata'])

export function maskTree(root: HtmlElement, mask: MaskPieces): void {
  const pieces: HtmlText[] = []
  const pictures: { picture: HtmlElement; alt: HtmlText }[] = []
  const add = (node: HtmlNode): void => {
    if (!isElement(node)) {
      pieces.push(node)
      return
    }
    if (UNSEEN.has(node.name)) return
    const words = node.name === 'img' ? node.attributes.get('alt') : undefined
    if (words !== undefined) {
      const alt = { text: words }
      pieces.push(alt)
      pictures.push({ picture: node, alt })
    }
    const isApart = node.name === 'br' || DRAWN_TEXT.has(node.name) || isBlock(node.name)
    const border = CELLS.has(node.name) ? CELL_BORDER : BORDER
    if (isApart) pieces.push({ text: border })
    for (const child of node.children) add(child)
    if (isApart) pieces.push({ text: border })
  }
  add(root)
  const masked = mask(pieces.map(({ text }) => text))
  for (const [n, piece] of pieces.entries()) piece.text = masked[n] ?? ''
  for (const { picture, alt } of pictures)
    picture.attributes = new Map(picture.attributes).set('alt', alt.text)
}
