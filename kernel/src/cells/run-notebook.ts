// `%run FILE.ipynb`: runs the code cells of a notebook in their order, as if they were typed here.
// The first error ends it, and names the cell and its line. As in IPython, values are not shown.
import { dirname, join } from 'node:path'
import { CellSyntaxError } from '../cell/compiled.ts'
import { parseCellMagic } from '../cell/cell-magic.ts'
import type { CellMagic } from '../cell/cell-magic.ts'
import { readNotebook } from '../magics/index.ts'
import type { NotebookCell } from '../magics/index.ts'
import type { Outcome } from '../runtime/runtime.ts'
import { syntaxErrorContent } from '../runtime/traceback.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import { filenameOf } from './cells.ts'
import type { Cell } from './cells.ts'
import { surroundingsFor } from './fill.ts'
import type { CellServices } from './services.ts'

/** What errors say about code. */
export interface CodeNames {
  /** Of the script. */
  filename: string
  source: string
  title?: string
}

export interface Runners {
  /** @throws {CellSyntaxError} */
  code(this: void, source: string, names: CodeNames): Promise<Outcome>
  magic(this: void, magic: CellMagic): Promise<Outcome>
}

/** @throws {UsageError} if the file is no such notebook, or runs itself. */
export async function runNotebook(
  file: string,
  cell: Cell,
  services: CellServices,
  runners: Runners,
): Promise<Outcome> {
  const { path, cells } = readNotebook(file, await surroundingsFor(cell, services))
  const outer = cell.notebooks ?? []
  if (outer.includes(path)) throw new UsageError(`${path} runs itself`)
  cell.notebooks = [...outer, path]
  try {
    let outcome: Outcome = { status: 'ok' }
    for (const one of cells) {
      cell.interrupt.signal.throwIfAborted()
      outcome = await runOne(one, cell, runners)
      if (outcome.status === 'error') break
      services.language.ran(one.source)
    }
    return outcome
  } finally {
    cell.notebooks = outer
  }
}

async function runOne(
  { title, source }: NotebookCell,
  cell: Cell,
  { code, magic }: Runners,
): Promise<Outcome> {
  const cellMagic = parseCellMagic(source)
  // A name of its own, in the folder of this notebook: imports resolve from there.
  const folder = dirname(filenameOf(cell))
  const filename = join(folder, `${cell.id}_${title.replaceAll(/[^\w.]+/g, '_')}.ts`)
  try {
    return await (cellMagic ? magic(cellMagic) : code(source, { filename, source, title }))
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error
    return {
      status: 'error',
      error: syntaxErrorContent(error, title, source),
      interrupted: false,
    }
  }
}
