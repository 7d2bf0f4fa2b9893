// Puts a call in place of each magic line, so that the rest of the cell can be parsed. Only then is
// it known whether the call can be awaited: until it is rewritten, the call has a name of its own.
import { MagicString } from 'magic-string'
import { CellUsageError } from './compiled.ts'
import { codeFrame } from './code-frame.ts'
import { InterpolationError } from './interpolation.ts'
import { formOf } from './code-line.ts'
import type { CodeLine } from './code-line.ts'
import { scanMagics } from './magic-scanner.ts'
import type { LineMagic, MagicScan, KnownMagics } from './magic-scanner.ts'
import { positionAt } from './position.ts'
import { codePlaceholder, magicPlaceholder } from './rewrite.ts'
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
  for (const [index, magic] of scan.magics.entries()) {
    if (magic.code) placeCode(text, { ...magic, code: magic.code }, index)
    else place(text, magic, index)
  }
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

/** @throws {CellUsageError} if there is no code. */
function placeCode(text: MagicString, magic: LineMagic & { code: CodeLine }, index: number) {
  const { name, code, start, lineStart } = magic
  const [from, to] = [lineStart + code.start, lineStart + code.end]
  const typed = text.original.slice(from, to)
  if (typed.trim() === '') {
    const position = positionAt(text.original, start)
    const message = `Expected code behind %${name}`
    throw new CellUsageError(message, { ...position, frame: codeFrame(text.original, position) })
  }
  const { head, tail } = measured(typed, magic, index)
  text.overwrite(start, from, head)
  text.remove(to, magic.end)
  text.appendLeft(to, tail)
}

/**
 * What stands around the code: it becomes a function that is measured. Statements under `%time`
 * stay where they are, between two calls, because they may declare names of the cell.
 */
function measured(
  typed: string,
  { name, code, isBody }: LineMagic & { code: CodeLine },
  index: number,
): { head: string; tail: string } {
  const form = formOf(typed)
  const call = (kind: string, options: Record<string, string>) =>
    `${codePlaceholder(index)}(${JSON.stringify(kind)}, ${JSON.stringify(options)}`
  const mark = form.startsWith('async') ? 'async ' : ''
  const open = `${isBody ? '' : ';'}${call(name, code.options)}, ${mark}() => `
  if (form.endsWith('expression')) {
    const end = endsInComment(typed) ? '\n' : ''
    return { head: `${open}(`, tail: `${end}));${code.isQuiet ? ';' : ''}` }
  }
  if (name === 'timeit') return { head: `${open}{`, tail: '\n});' }
  const options = { place: String(index) }
  const [before, after] = isBody ? ['{', '}'] : [';', '']
  return {
    head: `${before}${call('begin', options)});`,
    tail: `\n;${call('end', options)});${after}`,
  }
}

function endsInComment(expression: string): boolean {
  return expression.includes('//')
}
