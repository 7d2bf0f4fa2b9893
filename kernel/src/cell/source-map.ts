// From a position in the script to one in the cell, back through the stages that changed the text.
// A stage's map is made when the first position is asked for: most cells never show an error.
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping'
import type { DecodedSourceMap, EncodedSourceMap } from '@jridgewell/trace-mapping'
import type { MagicString } from 'magic-string'
import type { Position } from './position.ts'

/** Makes the map of one stage: from its output to its input. */
export type MapMaker = () => DecodedSourceMap | EncodedSourceMap | string

/**
 * @param stages - In the order they ran; undefined for one that changed nothing.
 * @returns a function that gives undefined for text that a stage made up.
 */
export function traceThrough(
  stages: ReadonlyArray<MapMaker | undefined>,
): (line: number, column: number) => Position | undefined {
  let maps: TraceMap[] | undefined
  return (line, column) => {
    maps ??= stages.flatMap((make) => (make ? [new TraceMap(make())] : [])).toReversed()
    let position: Position = { line, column }
    for (const map of maps) {
      const found = originalPositionFor(map, position)
      if (found.line === null) return undefined
      position = { line: found.line, column: found.column }
    }
    return position
  }
}

/** The map of edits, word by word: fine enough for a caret. */
export function mapOf(text: MagicString): DecodedSourceMap {
  const { mappings, names, sources } = text.generateDecodedMap({
    hires: 'boundary',
    source: 'cell',
  })
  return { version: 3, mappings, names, sources }
}
