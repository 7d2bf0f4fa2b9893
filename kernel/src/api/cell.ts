// `cell`: what code can know of the cell that runs it.
import { bridge } from './bridge.ts'
import { Error } from './primordials.ts'

export interface Cell {
  /** Aborted when the person interrupts the cell; give it to `fetch`, timers and the like. */
  readonly signal: AbortSignal
  /** The `n` of `In [n]`. */
  readonly executionCount: number
}

export const cell: Cell = {
  get signal() {
    return current().abort.signal
  },
  get executionCount() {
    return current().options.executionCount
  },
}

function current() {
  const running = bridge('cell').cell()
  if (!running) throw new Error('no cell has run yet')
  return running
}
