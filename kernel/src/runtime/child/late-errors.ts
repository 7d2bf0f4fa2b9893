// Errors that nobody waits for: uncaught exceptions of timers and callbacks, unhandled rejections.
// They show in the cell that caused them and end nothing. If the notebook has its own handler
// (`process.on('uncaughtException')`), that is called instead.
import { getCallSites } from 'node:util'
import { WeakSet, listOf } from '../../api/primordials.ts'
import { isUnanswered } from '../../api/unanswered.ts'
import type { CellContext, CellContexts } from './cell-context.ts'
import { keepListener, listenersOf } from './kept-listeners.ts'
import type { OutputWriter } from './streams.ts'
import { describeThrown } from './thrown.ts'

type Event = 'uncaughtException' | 'unhandledRejection'

const callSites = getCallSites

/** More than the frames between `process.on` and its caller. */
const CALLER_FRAMES = 12

export function showLateErrors(cells: CellContexts, writer: OutputWriter): void {
  /** Listeners that are not the notebook's. */
  const own = new WeakSet<object>()
  const isHandled = (event: Event): boolean =>
    listenersOf(event).some((listener) => typeof listener === 'function' && !own.has(listener))
  const show = (thrown: unknown, context: CellContext | undefined) => {
    // An interrupt made it fail, on purpose.
    if (context?.interrupted && isAbort(thrown)) return
    const cellId = context?.cellId ?? ''
    writer.message(
      { type: 'output', cellId, output: { type: 'error', error: describeThrown(thrown) } },
      cellId,
    )
  }
  const ofException = (error: unknown): void => {
    const context = causeOf(error, cells)
    if (endsCell(error, context) || isHandled('uncaughtException')) return
    show(error, context)
  }
  const ofRejection = (reason: unknown): void => {
    const context = causeOf(reason, cells)
    if (endsCell(reason, context) || isHandled('unhandledRejection')) return
    if (context && !context.ended && context.failures.includes(reason)) {
      context.failure ??= { reason }
    } else {
      show(reason, context)
    }
  }
  own.add(ofException)
  own.add(ofRejection)
  keepListener('uncaughtException', ofException)
  keepListener('unhandledRejection', ofRejection)
  // Started in one cell and awaited in the next is normal in notebooks. Without a listener Node
  // would warn on stderr.
  keepListener('rejectionHandled', () => undefined)
  keepListener('newListener', (name: unknown, listener: unknown) => {
    if (name !== 'uncaughtException' && name !== 'unhandledRejection') return
    if (typeof listener === 'function' && isTestRunner()) own.add(listener)
  })
}

/** The cell would wait for ever for a question that nobody answers. */
function endsCell(thrown: unknown, context: CellContext | undefined): boolean {
  const isEnd = context !== undefined && !context.ended && isUnanswered(thrown)
  if (isEnd) context.fail(thrown)
  return isEnd
}

/** `node:test` listens to learn which test failed; errors of no test it leaves to others. */
function isTestRunner(): boolean {
  return listOf(callSites(CALLER_FRAMES)).some(({ scriptName }) =>
    scriptName.startsWith('node:internal/test_runner'),
  )
}

function causeOf(thrown: unknown, cells: CellContexts): CellContext | undefined {
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
