// Puts a call in place of each magic line, so that the rest of the cell can be parsed. Only then is
// it known whether the call can be awaited: until it is rewritten, the call has a name of its own.
import { MagicString } from 'magic-string'
import { CellUsageError } from './compiled.ts'
import { codeFrame } from './code-frame.ts'
import { InterpolationError } from './interpolation.ts'
import { scanMagics } from './magic-scanner.ts'
import type { LineMagic, MagicScan, KnownMagics } from './magic-scanner.ts'
import { positionAt } from './position.ts'
import { magicPlaceholder } from './rewrite.ts'
import { mapOf } from './source-map.ts'
import type { MapMaker } from './source-map.ts'

export interface PlacedMagics {
  text: string
  /** Undefined if there are no magics: the text is as typed. */
  map: MapMaker | undefined
  scan: MagicScan
}

/** @throws {CellUsageError} for a `${...}` that contains no expression. */
export function placeMagics(source: string, table: KnownMagics): PlacedMagics {
  const typed = source.startsWith('#!') ? `//${source.slice(2)}` : source
  const scan = scanOf(source, table)
  if (scan.magics.length === 0) return { text: typed, map: undefined, scan }
  const text = new MagicString(typed)
  for (const [index, magic] of scan.magics.entries()) place(text, magic, index)
  return { text: text.toString(), map: () => mapOf(text), scan }
}

function scanOf(source: string, table: KnownMagics): MagicScan {
  try {
    return scanMagics(source, table)
  } catch (error) {
    if (!(error instanceof InterpolationError)) throw error
    const position = positionAt(source, error.offset)
    throw new CellUsageError(error.message, { ...position, frame: codeFrame(source, position) })
  }
}

/** The calls contain their arguments' expressions as typed, so an error in one has its place. */
function place(text: MagicString, magic: LineMagic, index: number) {
  const { start, end, lineStart, fills, isBody } = magic
  let gapStart = start
  let gap = `${isBody ? '' : ';'}${magicPlaceholder(index)}([`
  for (const fill of fills) {
    text.overwrite(gapStart, lineStart + fill.start, `${gap}${fill.isAsync ? 'async ' : ''}() => (`)
    gapStart = lineStart + fill.end
    gap = endsInComment(text.original.slice(lineStart + fill.start, gapStart)) ? '\n), ' : '), '
  }
  text.overwrite(gapStart, end, `${gap}]);`)
}

function endsInComment(expression: string): boolean {
  return expression.includes('//')
}
