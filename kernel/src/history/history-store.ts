// What was typed, for `history_request`: rows of (session, line, source, output), kept across
// restarts, bounded, shared by all kernels of a person. A cell never waits for the disk: lines are
// written in batches, and whenever somebody asks for them.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#history
import { dirname, join } from 'node:path'
import { stateFolder } from '../../../post/relay/folders.ts'
import { privateFolder } from '../../../post/relay/private-file.ts'
import type { Log } from '../channels/log.ts'
import { HistoryFile } from './history-file.ts'
import type { HistoryRow, NewRow } from './history-file.ts'

export type { HistoryRow } from './history-file.ts'

/** The port that handlers see. All results are oldest first. */
export interface History {
  add(line: number, source: string): void
  setOutput(line: number, output: string): void
  /** @param session - 0 is this one, -1 the one before; `stop` is exclusive, undefined for all. */
  range(session: number, start: number, stop: number | undefined): HistoryRow[]
  /** The last `n` lines of all sessions. */
  tail(n: number): HistoryRow[]
  /** The last `n` that match a glob (`*`, `?`, `[...]`); `unique`: each source once, the last. */
  search(pattern: string, n: number | undefined, unique: boolean): HistoryRow[]
  /** Writes what is still waiting. */
  close(): void
}

/** Keeps nothing longer than the kernel lives. */
export const MEMORY = ':memory:'

/** ms from the first line of a batch until it is written. */
const BATCH = 1000
/** Lines that wait while the file is locked; older ones are dropped. */
const MAX_WAITING = 1000
/** UTF-16 units kept of an output: enough to recognise it. */
const MAX_OUTPUT = 10_000

/** From `JUPYTERPOST_HISTORY` (a file, or `none`); by default in the state folder. */
export function historyPath(env: NodeJS.ProcessEnv): string {
  const wanted = env['JUPYTERPOST_HISTORY']
  if (wanted === 'none') return MEMORY
  return wanted || join(stateFolder(env), 'history.sqlite')
}

/**
 * @param path - A file that kernels share, or `:memory:`; opened when first needed.
 * @param own - A folder of ours: it is made private if the file is in it.
 */
export function openHistory(path: string, log: Log, own?: string): History {
  return new BatchedHistory(path, log, own)
}

class BatchedHistory implements History {
  readonly #path: string
  readonly #log: Log
  readonly #own: string | undefined
  #file: HistoryFile | undefined
  /** By line. */
  #waiting = new Map<number, NewRow>()
  #timer: NodeJS.Timeout | undefined

  constructor(path: string, log: Log, own: string | undefined) {
    this.#path = path
    this.#log = log
    this.#own = own
  }

  add(line: number, source: string): void {
    this.#wait({ line, source, output: null })
  }

  setOutput(line: number, output: string): void {
    const source = this.#waiting.get(line)?.source
    this.#wait({ line, source, output: output.slice(0, MAX_OUTPUT) })
  }

  range(session: number, start: number, stop: number | undefined): HistoryRow[] {
    return this.#read((file) => file.range(session, start, stop ?? Number.MAX_SAFE_INTEGER))
  }

  tail(n: number): HistoryRow[] {
    return this.#read((file) => file.tail(Math.max(0, n)))
  }

  search(pattern: string, n: number | undefined, unique: boolean): HistoryRow[] {
    // In SQLite -1 means no limit.
    const limit = n === undefined ? -1 : Math.max(0, n)
    return this.#read((file) => file.search(pattern, limit, unique))
  }

  close(): void {
    clearTimeout(this.#timer)
    if (this.#waiting.size > 0) this.#write()
    this.#file?.close()
  }

  #wait(row: NewRow): void {
    this.#waiting.set(row.line, row)
    if (this.#waiting.size > MAX_WAITING) {
      for (const oldest of this.#waiting.keys().take(1)) this.#waiting.delete(oldest)
    }
    this.#timer ??= setTimeout(() => this.#write(), BATCH).unref()
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#use((file) => {
      file.write([...this.#waiting.values()])
      this.#waiting.clear()
    }, undefined)
  }

  #read(query: (file: HistoryFile) => HistoryRow[]): HistoryRow[] {
    if (this.#waiting.size > 0) this.#write()
    return this.#use(query, [])
  }

  #open(): HistoryFile {
    if (dirname(this.#path) === this.#own) privateFolder(this.#own, this.#log)
    return new HistoryFile(this.#path, this.#log)
  }

  /** A locked file is tried again with the next batch; an unusable one is replaced by memory. */
  #use<Result>(work: (file: HistoryFile) => Result, otherwise: Result): Result {
    try {
      return work((this.#file ??= this.#open()))
    } catch (error) {
      if (isBusy(error)) return otherwise
      const reason = Error.isError(error) ? error.message : String(error)
      this.#log(
        `cannot use the history in ${this.#path} (${reason}): it is kept only until this kernel ends`,
      )
      this.#file?.close()
      this.#file = new HistoryFile(MEMORY)
      return work(this.#file)
    }
  }
}

/** Another kernel has been writing for longer than we wait. */
function isBusy(error: unknown): boolean {
  return Error.isError(error) && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
}
