// A cell as the checker reads it: with the semicolons that the compiler puts before a line that
// begins with an element. They move what stands behind them.
import { separateJsxLines } from '../../cell/jsx-lines.ts'
import { parseTypeScript } from '../../cell/parse.ts'

export interface Separated {
  text: string
  /** Where an offset of the cell is in the text. */
  inText(offset: number): number
  /** Where an offset of the text is in the cell. */
  inCell(offset: number): number
}

const BEGINS_ELEMENT = /\n<[\p{L}_$>]/u

/** @param plain - Without magics; maybe unfinished. */
export function separated(plain: string): Separated {
  const found = BEGINS_ELEMENT.test(plain) ? separatedLines(plain) : undefined
  if (!found) return { text: plain, inText: same, inCell: same }
  const { places, edited } = found
  return {
    text: edited.toString(),
    inText: (offset) => offset + places.filter((place) => place <= offset).length,
    inCell: (offset) => offset - places.filter((place, index) => place + index < offset).length,
  }
}

function separatedLines(plain: string): ReturnType<typeof separateJsxLines> {
  const parsed = parseTypeScript(plain)
  return parsed.errors.length > 0 ? separateJsxLines(plain, parsed, {}) : undefined
}

const same = (offset: number): number => offset
