// A line by the kernel that changes while something is under way. It is shown with the cell that
// caused it, and never captured.
import { randomUUID } from 'node:crypto'
import type { CellServices } from './services.ts'

/**
 * @returns A function that shows a line in place of the one before. It shows nothing for a silent
 *   cell or one that is no longer remembered.
 */
export function changingLine(
  { cells, iopub }: Pick<CellServices, 'cells' | 'iopub'>,
  cellId: string,
): (text: string, markdown?: string) => void {
  const transient = { display_id: randomUUID() }
  let type: 'display_data' | 'update_display_data' = 'display_data'
  return (text, markdown) => {
    const cause = cells.cause(cellId)
    if (!cause || cause.silent) return
    const data = {
      'text/plain': text,
      ...(markdown === undefined ? {} : { 'text/markdown': markdown }),
    }
    iopub.publish(type, { data, metadata: {}, transient }, cause.request)
    type = 'update_display_data'
  }
}
