// A cell as plain TypeScript of the same length: blanks take the place of its magics, so that every
// offset stays what it was. What is code in a magic's line stays, such as that of `%time`.
import { parseCellMagic } from '../../cell/cell-magic.ts'
import { InterpolationError } from '../../cell/interpolation.ts'
import { scanMagics } from '../../cell/magic-scanner.ts'
import type { KnownMagics, LineMagic } from '../../cell/magic-scanner.ts'

export function plainCode(code: string, magics: KnownMagics): string {
  const cellMagic = parseCellMagic(code)
  const bodyStart = cellMagic ? code.length - cellMagic.body.length : 0
  let plain = blank(code.slice(0, bodyStart)) + code.slice(bodyStart)
  if (plain.startsWith('#!')) plain = `//${plain.slice(2)}`
  for (const { start, end, lineStart, code: kept } of magicsOf(plain, magics)) {
    const codeStart = kept ? lineStart + kept.start : end
    const codeEnd = kept ? lineStart + kept.end : end
    plain =
      plain.slice(0, start) +
      blank(plain.slice(start, codeStart)) +
      plain.slice(codeStart, codeEnd) +
      blank(plain.slice(codeEnd, end)) +
      plain.slice(end)
  }
  return plain
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
