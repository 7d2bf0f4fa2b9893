// The cells that a stack trace may name.
import type { CompiledCell } from '../cell/compiled.ts'

export interface NumberedCell {
  cell: CompiledCell
  executionCount: number
}

/** Cells by the filename of their script. */
export type CellsByFilename = ReadonlyMap<string, NumberedCell>
