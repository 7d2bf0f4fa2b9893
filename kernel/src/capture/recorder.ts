// Keeps what cells showed for the magics: the running cells and the last finished one.
// `recording.ts` decides which outputs of a cell are kept.
import { MacroBook } from '../../../post/text/tex-macros.ts'
import type { Outcome, Output } from '../runtime/runtime.ts'
import { learnMacros } from './macros.ts'
import type { CellOutputs } from './outputs.ts'
import { BOUNDS, Recording } from './recording.ts'
import type { RecordedCell, RecordingBounds } from './recording.ts'

export class Recorder {
  readonly #cells = new Map<string, Recording>()
  #finished: Recording | undefined
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #bounds: RecordingBounds
  readonly #now: () => number
  readonly #macros = new MacroBook()

  constructor(options: { bounds?: RecordingBounds; now?: () => number } = {}) {
    this.#bounds = options.bounds ?? BOUNDS
    this.#now = options.now ?? Date.now
  }

  /** The last finished cell that was not silent. */
  get previous(): CellOutputs | undefined {
    return this.#finished
  }

  /** Begins a cell. The result is live: it grows with each `record` and ends with `finish`. */
  begin(cell: RecordedCell): CellOutputs {
    const recording = new Recording(cell, this.#bounds, this.#now(), this.#macros)
    this.#cells.set(cell.cellId, recording)
    return recording
  }

  /** Records an output, unless its cell is no longer kept: then nothing can ask for it. */
  record(output: Output): void {
    if (isDisplay(output)) learnMacros(this.#macros, output.content.data)
    // An update names a display and no cell: the display may be in an earlier cell.
    if (output.type === 'update_display_data') {
      for (const recording of this.#cells.values()) recording.update(output.content)
      for (const cellId of this.#listeners.keys()) this.#tell(cellId)
    } else {
      this.#cells.get(output.cellId)?.add(output)
      this.#tell(output.cellId)
    }
  }

  /**
   * Calls `listener` after each output of a cell. The cell is kept meanwhile, even if it has ended.
   * Returns a function that stops that.
   */
  onOutput(cellId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(cellId) ?? new Set()
    this.#listeners.set(cellId, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      this.#listeners.delete(cellId)
      const recording = this.#cells.get(cellId)
      const isOver = recording?.endedAt !== undefined && recording !== this.#finished
      if (isOver) this.#cells.delete(cellId)
    }
  }

  #tell(cellId: string): void {
    for (const listener of this.#listeners.get(cellId) ?? []) listener()
  }

  /**
   * Ends a cell, before its reply. An error becomes its last output. A second call changes nothing.
   */
  finish(cellId: string, outcome: Outcome): void {
    const recording = this.#cells.get(cellId)
    if (recording === undefined || recording.endedAt !== undefined) return
    recording.end(outcome, this.#now())
    if (recording.silent) {
      this.#cells.delete(cellId)
      return
    }
    const before = this.#finished?.cellId
    if (before !== undefined && !this.#listeners.has(before)) this.#cells.delete(before)
    this.#finished = recording
  }
}

type Display = Extract<Output, { type: 'display_data' | 'execute_result' | 'update_display_data' }>

function isDisplay(output: Output): output is Display {
  return ['display_data', 'execute_result', 'update_display_data'].includes(output.type)
}
