// Asks the runtime something for a cell magic, by a hidden cell with one line magic: a text with
// its `${expr}` filled in, in the notebook's scope, or the surroundings. Nothing of that cell is
// shown or stored.
import { randomUUID } from 'node:crypto'
import { compiler } from '../cell/compiler.ts'
import type { MagicSyntax } from '../cell/magic-scanner.ts'
import { filenameOf } from './cells.ts'
import type { Cell } from './cells.ts'
import type { Surroundings } from '../magics/magic.ts'
import type { CellServices } from './services.ts'

const FILL = 'fill'

/**
 * Fills in `${expr}` of a cell magic's text as a line magic does.
 *
 * @throws what an expression threw.
 */
export async function interpolate(
  text: string,
  cell: Cell,
  services: CellServices,
): Promise<string> {
  return text.includes('${') ? (await ask(text, cell, services)).text : text
}

/** The folder and environment that cells have set. */
export async function surroundingsFor(cell: Cell, services: CellServices): Promise<Surroundings> {
  return (await ask('', cell, services)).surroundings
}

async function ask(line: string, cell: Cell, services: CellServices) {
  let answer = { text: line, surroundings: services.cells.surroundings }
  const hidden: Cell = {
    ...cell,
    id: randomUUID(),
    fill: (text, surroundings) => {
      answer = { text, surroundings }
    },
  }
  const syntax: MagicSyntax = { line: true, cell: false }
  const { compileCell } = await compiler()
  hidden.compiled = compileCell(`%${FILL} ${line}`, {
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
  if (outcome.status === 'ok') return answer
  const error = new Error(outcome.error.evalue)
  error.name = outcome.error.ename
  throw error
}

/** A text with a value between any two of its pieces. */
export function filled(pieces: readonly string[], values: readonly string[]): string {
  return pieces.reduce((text, piece, i) => `${text}${values[i - 1] ?? ''}${piece}`)
}
