// The port to what knows the language: completion and inspection while a person types. Positions
// are UTF-16 offsets into the cell.
import type { KnownMagics } from '../cell/magic-scanner.ts'
import type { MimeBundle } from '../protocol/mimebundle.ts'
import type { Completion, Runtime } from '../runtime/runtime.ts'

export interface LanguageService {
  complete(code: string, cursor: number): Promise<Completion>
  /** Undefined if nothing is known about what is there. */
  inspect(code: string, cursor: number, detailLevel: 0 | 1): Promise<MimeBundle | undefined>
}

/** One that also knows types: of the cells that ran. */
export interface TypedLanguageService extends LanguageService {
  /** A cell ran: its names are there for later cells. Costs the caller nothing. */
  ran(code: string): void
  /** Packages were installed or removed: their types are read anew. Costs the caller nothing. */
  filesChanged(): void
  /** The runtime was lost, and all names with it. */
  forget(): void
  /** Resolves when all its processes are gone. */
  close(): Promise<void>
}

export interface LanguageOptions {
  runtime: Pick<Runtime, 'complete' | 'inspect'>
  /** Those that there are now: notebooks make magics of their own. */
  magics: () => KnownMagics
  /** The notebook's. */
  folder: string
  /** `JUPYTERPOST_TYPES=off`: no types. */
  env: NodeJS.ProcessEnv
  /** Whether a cell runs. */
  isBusy: () => boolean
  log: (line: string) => void
}
