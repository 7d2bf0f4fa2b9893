// Masks secrets in the text of a tree, where neither tags nor entities hide them. The text is
// searched twice: with borders between lines, and without. Texts of pictures are searched too:
// later, as markdown, they have escapes, which would hide a secret.
import { BORDER, CELL_BORDER } from '../../post/secrets/mask.ts'
import { isBlock, isUnseen } from './elements.ts'
import { isElement } from './tree.ts'
import type { HtmlElement, HtmlNode, HtmlText } from './tree.ts'

/** Masks a text that comes in pieces, and returns the same number of pieces. */
export type MaskPieces = (texts: readonly string[]) => string[]

const CELLS = new Set(['td', 'th', 'tr'])
/** Elements of drawings that separate texts: words in two of them do not belong together. */
const DRAWN_TEXT = new Set(['text', 'title', 'desc'])

export function maskTree(root: HtmlElement, mask: MaskPieces): void {
  const pieces: HtmlText[] = []
  const pictures = new Map<HtmlElement, HtmlText>()
  const add = (node: HtmlNode): void => {
    if (!isElement(node)) {
      pieces.push(node)
      return
    }
    // The file that a drawing becomes is masked as a whole later.
    if (isUnseen(node.name)) return
    const alt = node.name === 'img' ? node.attributes.get('alt') : undefined
    if (alt !== undefined) {
      const piece = { text: alt }
      pictures.set(node, piece)
      pieces.push({ text: BORDER }, piece, { text: BORDER })
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
  for (const [picture, { text }] of pictures)
    picture.attributes = new Map(picture.attributes).set('alt', text)
}
