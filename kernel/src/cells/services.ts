// What cells need of the kernel. Built in kernel.ts and handed on, never global.
import type { CellOutputs } from '../capture/outputs.ts'
import type { Recorder } from '../capture/recorder.ts'
import type { Iopub, Stdin } from '../channels/channels.ts'
import type { Log } from '../channels/log.ts'
import type { History } from '../history/history-store.ts'
import type { TypedLanguageService } from '../language/language.ts'
import type { RegisteredMagics } from '../magics/index.ts'
import type { MagicContext, MagicTable } from '../magics/magic.ts'
import type { Outcome, Runtime, RuntimeCall } from '../runtime/runtime.ts'
import type { Cells } from './cells.ts'
import type { Comms } from './open-comms.ts'
import type { CellTypes } from './types.ts'

/** What posts need to hear of cells. */
export interface CellPosts {
  /**
   * Answers `post()` of a cell.
   *
   * @param cell - The cell that the call came from, if it is still known.
   * @param show - Shows a line below it, in place of the line before.
   */
  answer(
    call: RuntimeCall,
    cell: CellOutputs | undefined,
    show: (text: string, markdown: string) => void,
  ): Promise<unknown>
  /** @param kept - True if a person ran it, false if a program did in the background. */
  cellStarted(cell: CellOutputs, kept: boolean): void
  cellEnded(cellId: string, outcome: Outcome): void
  /** The process of the cells died while no cell ran. @param last - The cell before. */
  runtimeLost(reason: string, last: CellOutputs | undefined): void
  autopost: { cellEnded(cell: MagicContext & { kept: boolean }, outcome: Outcome): Promise<void> }
}

export interface CellServices {
  runtime: Runtime
  iopub: Iopub
  stdin: Stdin
  cells: Cells
  comms: Comms
  history: History
  recorder: Recorder
  language: TypedLanguageService
  types: CellTypes
  magics: MagicTable
  /** Those of `magics` that notebooks made. */
  registered: RegisteredMagics
  posts: CellPosts
  /** What became of earlier posts: shown with the next cell. */
  news: string[]
  log: Log
}
