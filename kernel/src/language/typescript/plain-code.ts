// A cell as plain TypeScript of the same length: blanks take the place of its magics, except of
// code on their lines, so that every offset stays what it was.
import { parseCellMagic } from '../../cell/cell-magic.ts'
import { InterpolationError } from '../../cell/interpolation.ts'
import { scanMagics } from '../../cell/magic-scanner.ts'
import type { KnownMagics, LineMagic } from '../../cell/magic-scanner.ts'

/** UTF-16 units; a longer cell is only looked up in the runtime. */
export const LONGEST = 200_000

export function plainCode(code: string, magics: KnownMagics): string {
  const cellMagic = parseCellMagic(code)
  const bodyStart = cellMagic ? code.length - cellMagic.body.length : 0
  let plain = blank(code.slice(0, bodyStart)) + code.slice(bodyStart)
  if (plain.startsWith('#!')) plain = `//${plain.slice(2)}`
  for (const magic of magicsOf(plain, magics)) {
    const { start, end } = magic
    plain = plain.slice(0, start) + withoutMagic(plain.slice(start, end), magic) + plain.slice(end)
  }
  return plain
}

/** A magic is a statement, or code of the cell stands on its line, as behind `%time`. */
function withoutMagic(text: string, { start, lineStart, code, isBody }: LineMagic): string {
  if (!code) return `;${blank(text.slice(1))}`
  const [from, to] = [lineStart - start + code.start, lineStart - start + code.end]
  const head = isBody ? blank(text.slice(0, from)) : `;${blank(text.slice(1, from))}`
  return head + text.slice(from, to) + blank(text.slice(to))
}

function magicsOf(code: string, magics: KnownMagics): readonly LineMagic[] {
  try {
    return scanMagics(code, magics).magics
  } catch (error) {
    // An unfinished `${` of a magic: the person is typing it.
    if (error instanceof InterpolationError) return []
    throw error
  }
}

function blank(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, ' ')
}
