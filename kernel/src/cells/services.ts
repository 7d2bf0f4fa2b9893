// What cells need of the kernel. Built in kernel.ts and handed on, never global.
import type { Recorder } from '../capture/recorder.ts'
import type { Iopub, Stdin } from '../channels/channels.ts'
import type { Log } from '../channels/log.ts'
import type { History } from '../history/history-store.ts'
import type { LanguageService } from '../language/language.ts'
import type { MagicTable } from '../magics/magic.ts'
import type { KernelPosts } from '../posting/kernel-posts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Cells } from './cells.ts'
import type { Comms } from './open-comms.ts'

export interface CellServices {
  runtime: Runtime
  iopub: Iopub
  stdin: Stdin
  cells: Cells
  comms: Comms
  history: History
  recorder: Recorder
  language: LanguageService
  magics: MagicTable
  /** Answers `post()` of cells. */
  posts: KernelPosts
  /** What became of earlier posts: shown with the next cell. */
  news: string[]
  log: Log
}
