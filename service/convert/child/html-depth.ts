// How deep elements of HTML nest, checked before a recursive parser reads them.
import { scanHtml } from '../../../post/text/html-parts.ts'

/** Nested tables on real pages reach some dozens. */
export const MOST_NESTED = 500
/** Empty elements, and those that end where the next begins: without end tags they do not nest. */
const FLAT = new Set(
  'area base br col embed hr img input link meta source track wbr p li dt dd tr td th thead tbody tfoot option colgroup'.split(
    ' ',
  ),
)

/** @throws {Error} if too many elements are open at once. Counts tags without matching them. */
export function checkDepth(html: string): void {
  let depth = 0
  for (const part of scanHtml(html)) {
    if (part.kind === 'text' || FLAT.has(part.name) || part.attributes.endsWith('/')) continue
    depth = Math.max(0, depth + (part.closing ? -1 : 1))
    if (depth > MOST_NESTED) throw new Error(`it nests more than ${MOST_NESTED} levels`)
  }
}
