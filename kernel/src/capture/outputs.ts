// What a cell showed, as the notebook has it now: with updates applied, without cleared outputs,
// and bounded.
import type { MacroBook } from '../../../post/text/tex-macros.ts'
import type { DisplayContent, ErrorContent } from '../protocol/mimebundle.ts'

export type CapturedOutput =
  | { type: 'stream'; name: 'stdout' | 'stderr'; text: string }
  | ({ type: 'display_data' | 'execute_result'; displayId?: string } & DisplayContent)
  | ({ type: 'error' } & ErrorContent)

export interface CellOutputs {
  readonly cellId: string
  readonly executionCount: number
  readonly source: string
  /** File name of its notebook, if the request told it. */
  readonly notebook?: string | undefined
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Undefined while it runs. */
  readonly endedAt: number | undefined
  readonly status: 'running' | 'ok' | 'failed' | 'interrupted'
  /** In the order shown. */
  readonly outputs: readonly CapturedOutput[]
  /** What did not fit within the bounds, in words; empty if all did. */
  readonly leftOut: readonly string[]
  /** What the notebook's TeX has defined so far, in this cell and others. */
  readonly macros?: MacroBook
}
