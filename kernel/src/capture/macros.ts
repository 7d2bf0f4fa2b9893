// What the outputs of a notebook define for its formulas. A front end keeps it for all cells, also
// for those before the cell that is posted.
import type { Block } from '../../../post/contract/schema.ts'
import type { MacroBook } from '../../../post/text/tex-macros.ts'

/** UTF-16 units; longer text is no definition. */
const MOST = 100_000

/** Learns what a displayed bundle defines. */
export function learnMacros(book: MacroBook, data: Readonly<Record<string, unknown>>): void {
  for (const mimetype of ['text/latex', 'text/markdown']) {
    const text = data[mimetype]
    const lines = Array.isArray(text) ? text.join('') : text
    if (typeof lines === 'string' && lines.length <= MOST) book.learn(lines)
  }
}

/** A block with the definitions that its formulas need. */
export function withMacros<T extends Extract<Block, { type: 'latex' | 'markdown' }>>(
  block: T,
  book: MacroBook | undefined,
): T {
  const macros = block.text.length <= MOST ? book?.usedBy(block.text) : ''
  return macros === undefined || macros === '' ? block : { ...block, macros }
}
