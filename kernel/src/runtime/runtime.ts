// The runtime as the kernel process sees it: the port between protocol and user code. It knows no
// sockets and no messages; a cell is named by the msg_id of its execute_request.
import type { CompiledCell } from '../cell/compiled.ts'
import type { DisplayContent, ErrorContent, MimeBundle } from '../protocol/mimebundle.ts'

/** One thing a cell showed, in the order in which it was written, also after the cell ended. */
export type Output =
  | { type: 'stream'; cellId: string; name: 'stdout' | 'stderr'; text: string }
  | { type: 'display_data'; cellId: string; content: DisplayContent; buffers?: Uint8Array[] }
  | { type: 'update_display_data'; cellId: string; content: DisplayContent }
  | { type: 'clear_output'; cellId: string; wait: boolean }
  | { type: 'execute_result'; cellId: string; content: DisplayContent }
  /**
   * An error after the cell's end: an uncaught exception of a timer, an unhandled rejection. The
   * error that a cell ends with is in its `Outcome`.
   */
  | { type: 'error'; cellId: string; content: ErrorContent }
  | {
      type: 'comm'
      cellId: string
      msgType: 'comm_open' | 'comm_msg' | 'comm_close'
      content: Record<string, unknown>
      metadata: Record<string, unknown>
      buffers: Uint8Array[]
    }

export type Outcome =
  { status: 'ok' } | { status: 'error'; error: ErrorContent; interrupted: boolean }

export interface ExecuteOptions {
  /** No result is shown or kept. */
  silent: boolean
  allowStdin: boolean
  /** Number of the cell: `In [n]`. */
  executionCount: number
  /** Whether the value becomes `_` and `Out[n]`. */
  storeHistory: boolean
  /** Prints how long the cell took, before its value. */
  timed?: boolean
}

/** What the runtime does for a line magic, once the kernel process has read its line. */
export type MagicAction =
  /** Cells go on in this folder. */
  | { action: 'folder'; folder: string }
  /** Sets a variable of the environment, or removes it. */
  | { action: 'variable'; name: string; value: string | undefined }
  /** Prints the names that cells declared, of these types if there are any. */
  | { action: 'names'; detailed: boolean; types: string[] }
  /** Removes them, after a question unless forced. */
  | { action: 'reset'; force: boolean }
  /** Runs a file anew and binds what it exports. */
  | { action: 'run'; path: string; args: string[] }
  /** Makes `document` and `window` global, or removes them; says only what is so if undefined. */
  | { action: 'dom'; state: 'on' | 'off' | undefined }
  /** Renews imported names before each cell from now on, or not; without `isOn`, tells which. */
  | { action: 'autoreload'; isOn?: boolean }
  /** Packages of the notebook's project changed: they are loaded anew. */
  | { action: 'packages' }
  /** Calls the function of a magic that the notebook made. */
  | { action: 'use'; use: MagicUse }

/** One use of a magic that the notebook made. */
export interface MagicUse {
  name: string
  /** Behind the flags. */
  line: string
  /** By name without dashes; true for a switch. */
  flags: Record<string, string | true>
  /** Undefined for a line magic. */
  body: string | undefined
}

/** What user code asks of the kernel process: a magic, a post, an input. Always answered. */
export interface RuntimeCall {
  cellId: string
  method: string
  params: unknown
  /** Aborted when the cell is interrupted or the runtime dies. */
  signal: AbortSignal
}

export interface RuntimeListener {
  /** Called in order; a cell's outputs before its end arrive before its `execute` settles. */
  output(output: Output): void
  call(call: RuntimeCall): Promise<unknown>
  /**
   * The runtime died outside a cell; user variables are lost.
   *
   * @param reason - A sentence.
   * @param message - What to tell the person: `reason`, and what follows from it.
   */
  lost(reason: string, message: string): void
}

export type Evaluation =
  | { status: 'ok'; data: MimeBundle; metadata: Record<string, unknown> }
  | ({ status: 'error' } & ErrorContent)

export interface Completion {
  matches: Array<{ text: string; type: string; signature?: string }>
  /** UTF-16 offsets of the text to replace. */
  start: number
  end: number
}

export interface Runtime {
  /** Outputs, calls and losses go to this listener from now on; earlier ones are dropped. */
  listen(listener: RuntimeListener): void
  /** Runs one cell at a time; a second call waits for the first. User errors do not reject. */
  execute(cell: CompiledCell, cellId: string, options: ExecuteOptions): Promise<Outcome>
  /** One of `user_expressions`, already compiled. */
  evaluate(expression: CompiledCell, cellId: string): Promise<Evaluation>
  /** Looks at values, never evaluates user text (no getter runs). `cursor`: a UTF-16 offset. */
  complete(code: string, cursor: number): Promise<Completion>
  inspect(code: string, cursor: number, detailLevel: 0 | 1): Promise<MimeBundle | undefined>
  /** What a magic that the notebook made offers for the last word; none if it takes long. */
  completeMagic(name: string, words: readonly string[]): Promise<string[]>
  /**
   * Strings from top-level names and the environment whose name contains token, secret, password
   * or key: every value that was seen, also former ones. While a cell blocks the runtime, the
   * answer is as of its last call or of the end of the cell before.
   */
  secretVariables(): Promise<Array<{ name: string; value: string }>>
  /** A comm message of a front end, for a target or a comm of a cell. */
  comm(
    msgType: 'comm_open' | 'comm_msg' | 'comm_close',
    message: {
      cellId: string
      content: Record<string, unknown>
      metadata: Record<string, unknown>
      buffers: Uint8Array[]
    },
  ): Promise<void>
  /** Ends the running cell, if any, and keeps all state; resolves when the cell has ended. */
  interrupt(): Promise<void>
  /**
   * With true, stops reading what the runtime writes, until false: it runs on until its next
   * write, which waits. An interrupt still arrives and ends a cell that waits like this.
   */
  hold(on: boolean): void
  /** Ends the process and all it started. @param reason - The sentence a running cell ends with. */
  close(reason?: string): Promise<void>
}
