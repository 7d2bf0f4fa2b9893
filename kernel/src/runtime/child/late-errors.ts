// Errors nobody waits for: uncaught exceptions of timers and callbacks, unhandled rejections. They show in the cell that caused them
// and end nothing.
import process from 'node:process'
import type { CellContext, Cells } from './cell-context.ts'
import type { OutputWriter } from './streams.ts'
import { describeThrown } from './thrown.ts'

export function showLateErrors(cells: Cells, writer: OutputWriter): void {
  const show = (thrown: unknown, context: CellContext | undefined) => {
    // What an interrupt made fail was meant to fail.
    if (context?.interrupted && isAbort(thrown)) return
    const cellId = context?.cellId ?? ''
    writer.message(
      { type: 'output', cellId, output: { type: 'error', error: describeThrown(thrown) } },
      cellId,
    )
  }
  process.on('uncaughtException', (error: unknown) => {
    show(error, causeOf(error, cells))
  })
  // Started in one cell and awaited in the next: that is how notebooks are used. Without a listener Node warns on stderr.
  process.on('rejectionHandled', () => undefined)
  process.on('unhandledRejection', (reason: unknown) => {
    const context = causeOf(reason, cells)
    if (context && !context.ended && context.failures.includes(reason)) {
      context.failure ??= { reason }
    } else {
      show(reason, context)
    }
  })
}

function causeOf(thrown: unknown, cells: Cells): CellContext | undefined {
  return (
    cells.storage.getStore() ??
    cells.ofStack(describeThrown(thrown).stack) ??
    cells.running ??
    cells.last
  )
}

function isAbort(thrown: unknown): boolean {
  const { name } = describeThrown(thrown)
  return name === 'AbortError' || name === 'KeyboardInterrupt'
}
