// The cells that a stack trace may name.
import type { CompiledCell } from '../cell/compiled.ts'

export interface NumberedCell {
  cell: CompiledCell
  executionCount: number
}

/** What errors call it. */
export function titleOf({ cell, executionCount }: NumberedCell): string {
  return cell.title ?? `In [${executionCount}]`
}

/** Cells by the filename of their script. */
export type CellsByFilename = ReadonlyMap<string, NumberedCell>
