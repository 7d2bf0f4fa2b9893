// Keeps what cells showed for the magics: the running ones and the last finished one. Which outputs a cell has, and how
// much of them stays, is `recording.ts`.
import type { Outcome, Output } from '../runtime/runtime.ts'
import type { CellOutputs } from './outputs.ts'
import { BOUNDS, Recording } from './recording.ts'
import type { RecordedCell, RecordingBounds } from './recording.ts'

export class Recorder {
  private readonly cells = new Map<string, Recording>()
  private finished: Recording | undefined
  private readonly bounds: RecordingBounds
  private readonly now: () => number

  constructor(options: { bounds?: RecordingBounds; now?: () => number } = {}) {
    this.bounds = options.bounds ?? BOUNDS
    this.now = options.now ?? Date.now
  }

  /** The last finished cell that was not silent. */
  get previous(): CellOutputs | undefined {
    return this.finished
  }

  /** A cell starts. The result is live: it grows with each `record` and ends with `finish`. */
  begin(cell: RecordedCell): CellOutputs {
    const recording = new Recording(cell, this.bounds, this.now())
    this.cells.set(cell.cellId, recording)
    return recording
  }

  /** Output of a cell that is no longer kept is not recorded: nothing can ask for it. */
  record(output: Output): void {
    // An update names a display, not a cell: it may change one that an earlier cell showed.
    if (output.type === 'update_display_data') {
      for (const recording of this.cells.values()) recording.update(output.content)
    } else {
      this.cells.get(output.cellId)?.add(output)
    }
  }

  /** A cell ended, before its reply. Its error becomes its last output. A second call changes nothing. */
  finish(cellId: string, outcome: Outcome): void {
    const recording = this.cells.get(cellId)
    if (recording === undefined || recording.endedAt !== undefined) return
    recording.end(outcome, this.now())
    if (recording.silent) {
      this.cells.delete(cellId)
      return
    }
    if (this.finished !== undefined) this.cells.delete(this.finished.cellId)
    this.finished = recording
  }
}
