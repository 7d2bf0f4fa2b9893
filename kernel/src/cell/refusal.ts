// What a person reads about a cell that does not parse: the parser's words at the cell's own
// position, or better ones for mistakes with magics.
import { nearestNames } from '../../../post/contract/nearest.ts'
import { codeFrame } from './code-frame.ts'
import { CellSyntaxError, CellUsageError } from './compiled.ts'
import type { KnownMagics, MagicScan } from './magic-scanner.ts'
import type { ParseError } from './parse.ts'
import { positionAt } from './position.ts'
import { commandOf, shellHint } from './shell-habit.ts'
import type { Position } from './position.ts'
import { traceThrough } from './source-map.ts'
import type { MapMaker } from './source-map.ts'

export interface RefusedCell {
  /** As typed. */
  source: string
  /** With calls in place of magics. */
  text: string
  scan: MagicScan
  map: MapMaker | undefined
  /** The table of magics. */
  magics: KnownMagics
}

export function refusal(error: ParseError, cell: RefusedCell): CellSyntaxError {
  const { source } = cell
  const position = placeOf(error.labels[0]?.start ?? cell.text.length, cell)
  const bracketed = cell.scan.bracketed.find(({ lineNumber }) => lineNumber <= position.line)
  if (bracketed) {
    const { name, lineNumber, offset } = bracketed
    return usage(
      `%${name} on line ${lineNumber} stands inside an open bracket, where a magic cannot run: close the bracket first, or write \`% ${name}\` for modulo`,
      source,
      positionAt(source, offset),
    )
  }
  const magic = cell.scan.magics.find(({ lineNumber }) => lineNumber === position.line)
  if (magic && !magic.code) {
    return usage(
      `%${magic.name} on line ${magic.lineNumber} stands where no statement can: a magic runs at top level, in a block or in a function`,
      source,
      position,
    )
  }
  const line = source.split(/\r\n|[\n\r\u2028\u2029]/)[position.line - 1] ?? ''
  const unknown = magic ? undefined : unknownMagic(line, cell.magics)
  if (unknown) return usage(unknown, source, position)
  const command = commandOf(line)
  // The first word is no operator, so the parser did not expect what follows it.
  if (command !== undefined && /^\s*![\w$.~/-]*\s*$/.test(line.slice(0, position.column)))
    return usage(shellHint(command), source, position)
  const { helpMessage } = error
  const message = helpMessage
    ? `${error.message.replace(/\.$/, '')}. ${helpMessage}`
    : error.message
  return new CellSyntaxError(message, { ...position, frame: codeFrame(source, position) })
}

function placeOf(offset: number, { source, text, map }: RefusedCell): Position {
  const place = positionAt(text, offset)
  const found = traceThrough([map])(place.line, place.column) ?? place
  const last = positionAt(source, source.length)
  return found.line > last.line ? last : found
}

function unknownMagic(text: string, magics: KnownMagics): string | undefined {
  const [, marks = '', name = ''] = /^\s*(%{1,2})([\p{L}_][\p{L}\p{N}_-]*)/u.exec(text) ?? []
  if (name === '') return undefined
  return marks === '%%'
    ? `%%${name} must be the first line of its cell`
    : `There is no line magic %${name}${nearest(name, magics)}. %lsmagic lists all magics`
}

/** What was probably meant. */
function nearest(name: string, magics: KnownMagics): string {
  if (magics.get(name)?.cell) return `; there is %%${name}`
  const lines = [...(magics.keys?.() ?? [])].filter((one) => magics.get(one)?.line)
  const near = nearestNames(name, lines).map((one) => `%${one}`)
  return near.length === 0 ? '' : `; near it are ${near.join(', ')}`
}

function usage(message: string, source: string, position: Position): CellUsageError {
  return new CellUsageError(message, { ...position, frame: codeFrame(source, position) })
}
