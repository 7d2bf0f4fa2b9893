// Fills in `${expr}` of a cell magic's text, in the notebook's scope.
import { randomUUID } from 'node:crypto'
import { compiler } from '../cell/compiler.ts'
import type { MagicSyntax } from '../cell/magic-scanner.ts'
import { filenameOf } from './cells.ts'
import type { Cell } from './cells.ts'
import type { CellServices } from './services.ts'

const FILL = 'fill'

/**
 * Does it as a line magic does, by running a hidden cell with one line magic. Nothing of that cell
 * is shown or stored.
 *
 * @throws what an expression threw.
 */
export async function interpolate(
  text: string,
  cell: Cell,
  services: CellServices,
): Promise<string> {
  if (!text.includes('${')) return text
  let result = text
  const hidden: Cell = {
    ...cell,
    id: randomUUID(),
    fill: (whole) => {
      result = whole
    },
  }
  const syntax: MagicSyntax = { line: true, cell: false }
  const { compileCell } = await compiler()
  hidden.compiled = compileCell(`%${FILL} ${text}`, {
    filename: filenameOf(cell),
    magics: new Map([[FILL, syntax]]),
  })
  services.cells.add(hidden)
  const { id, request, executionCount } = hidden
  services.cells.remember({ id, request, executionCount, silent: true })
  const outcome = await services.runtime.execute(hidden.compiled, hidden.id, {
    silent: true,
    allowStdin: false,
    executionCount: cell.executionCount,
    storeHistory: false,
  })
  if (outcome.status === 'ok') return result
  const error = new Error(outcome.error.evalue)
  error.name = outcome.error.ename
  throw error
}

/** A text with a value between any two of its pieces. */
export function filled(pieces: readonly string[], values: readonly string[]): string {
  return pieces.reduce((text, piece, i) => `${text}${values[i - 1] ?? ''}${piece}`)
}
