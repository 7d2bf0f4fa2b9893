// What handlers may use of the kernel; made by kernel.ts, given to each handler, never global.
import type { Recorder } from '../capture/recorder.ts'
import type { Iopub } from '../channels/iopub.ts'
import type { Log } from '../channels/log.ts'
import type { Stdin } from '../channels/stdin.ts'
import type { Handler } from './handler.ts'
import type { History } from '../history/history-store.ts'
import type { LanguageService } from '../language/language.ts'
import type { Autopost } from '../posting/autopost.ts'
import type { MagicTable } from '../magics/index.ts'
import type { KernelPosts } from '../posting/kernel-posts.ts'
import type { ConnectionInfo } from '../protocol/connection.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Cells } from './cells.ts'
import type { Comms } from './open-comms.ts'

export interface Services {
  connection: ConnectionInfo
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
  /** `%autopost` of this notebook. */
  autopost: Autopost
  /** What became of earlier posts: shown with the next cell. */
  news: string[]
  log: Log
  /** Ends the running cell, if any. */
  interrupt(): Promise<void>
  /** Called once the reply is on its way: ends the kernel. */
  shutdown(): void
}

export type ServiceHandler = (
  request: Parameters<Handler>[0],
  services: Services,
) => ReturnType<Handler>
