// `cell`: what code can know about the cell that runs it.
import { bridge } from './bridge.ts'
import { Error } from './primordials.ts'

export interface Cell {
  /** Aborted when the person interrupts the cell; give it to `fetch`, timers and the like. */
  readonly signal: AbortSignal
  /** The `n` of `In [n]`. */
  readonly executionCount: number
  /**
   * Offers a text to the person: as a new cell below this one, or in place of this one.
   *
   * @throws {Error} if the cell has ended.
   */
  setNextInput(text: string, options?: { replace?: boolean }): Promise<void>
}

export const cell: Cell = {
  get signal() {
    return current().abort.signal
  },
  get executionCount() {
    return current().options.executionCount
  },
  async setNextInput(text, { replace = false } = {}) {
    await bridge('cell.setNextInput').call('set_next_input', { text, replace })
  },
}

function current() {
  const running = bridge('cell').cell()
  if (!running) throw new Error('no cell has run yet')
  return running
}
