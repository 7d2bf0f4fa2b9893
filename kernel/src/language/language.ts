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

/** An error that the type checker finds in a cell. */
export interface Diagnostic {
  /** As in `TS2322`. */
  code: number
  message: string
  /** 1-based. */
  line: number
  /** 0-based, UTF-16 units. */
  column: number
  /** The name that nothing declares; no error if the runtime has it. */
  name?: string
  /** The module that was not found; no error if the runtime finds it. */
  module?: string
}

/** One that also knows types: of the cells that ran. */
export interface TypedLanguageService extends LanguageService {
  /** Starts now what it otherwise starts when the kernel is idle. */
  start(): void
  /**
   * Type errors of a cell, with the names of those that ran before this call. Undefined if they
   * cannot be known. Costs the caller nothing.
   *
   * @param code - As for the compiler, without the line of a cell magic.
   * @param isAwaited - Otherwise it is done once no cell came for a moment.
   */
  check(code: string, isAwaited: boolean): Promise<Diagnostic[] | undefined>
  /** A cell ran: its names are there for later cells. Costs the caller nothing. */
  ran(code: string): void
  /** All names are gone: they were removed, or the runtime was lost. */
  forget(): void
  /** Whether `window` is a global now. */
  setPage(isGlobal: boolean): void
  /** Packages came, changed or went. @param folder - Of the project. */
  packagesChanged(folder: string): void
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
