// How deep elements of HTML nest, before a parser that recurses into them is asked.
import { scanHtml } from '../../../post/text/html-parts.ts'

/** Tables of tables of real pages come to some dozens. */
export const MOST_NESTED = 500
/** These hold nothing, or end where the next of their kind begins: without an end tag they do not nest. */
const FLAT = new Set(
  'area base br col embed hr img input link meta source track wbr p li dt dd tr td th thead tbody tfoot option colgroup'.split(
    ' ',
  ),
)

/** @throws {Error} if more elements are open at once; what is closed and what not is counted, not matched. */
export function checkDepth(html: string): void {
  let depth = 0
  for (const part of scanHtml(html)) {
    if (part.kind === 'text' || FLAT.has(part.name) || part.attributes.endsWith('/')) continue
    depth = Math.max(0, depth + (part.closing ? -1 : 1))
    if (depth > MOST_NESTED) throw new Error(`it nests more than ${MOST_NESTED} levels`)
  }
}
