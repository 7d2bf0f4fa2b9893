// Where a post comes from, for its first line: notebook, cell, duration, and how the cell ended.
import type { Source } from '../../../post/contract/schema.ts'
import type { CellOutputs } from '../capture/outputs.ts'

interface Notebook {
  /** Its file name; undefined if not known. */
  notebook: string | undefined
}

/** Only the notebook and the number of the cell. @param session - For cells that name none. */
export function placeOf(
  session: Notebook,
  { executionCount, notebook = session.notebook }: Pick<CellOutputs, 'executionCount' | 'notebook'>,
): Source {
  return { ...(notebook === undefined ? {} : { notebook }), executionCount }
}

/** A duration below a second is left out (docs/spec.md 2.2). */
export function sourceOf(notebook: Notebook, cell: CellOutputs): Source {
  const durationMs = (cell.endedAt ?? Date.now()) - cell.startedAt
  return {
    ...placeOf(notebook, cell),
    ...(durationMs < 1000 ? {} : { durationMs }),
    ...(cell.status === 'running' ? {} : { status: cell.status }),
  }
}
