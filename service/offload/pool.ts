// Threads for what would take the main thread too long. Each has a heap of its own and does one task at a time, with a limit: at its end the
// thread is ended, and the next task gets a fresh one. What one task does to its thread no other sees.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { RelayError } from '../errors.ts'
import type { ProblemCode } from '../errors.ts'
import type { Result, Task } from './tasks.ts'
import { limitTime } from './time-limit.ts'

/** A numbered task on its way to a thread, and its answer: a result, what is wrong with the input, or what went wrong with us. */
export interface Request {
  n: number
  task: Task
}
export type Answer = { n: number } & (
  { result: Result } | { refused: { code: ProblemCode; message: string } } | { failed: string }
)

/** The task did not fit into its time or memory. `message` is a clause about it: `it took longer than 10 s`. */
export class OverBudget extends Error {
  override name = 'OverBudget'
}

export interface PoolOptions {
  threads: number
  /** Milliseconds of processor time a task may take. */
  taskMs: number
  heapMb: number
  /** A thread without work ends after this, in ms. */
  idleMs: number
}

interface Waiting {
  task: Task
  transfer: ArrayBuffer[]
  signal: AbortSignal
  resolve: (result: Result) => void
  reject: (error: Error) => void
}

interface Slot {
  worker: Worker | undefined
  busy: boolean
  idle: NodeJS.Timeout | undefined
}

export class ThreadPool {
  readonly #options: PoolOptions
  readonly #slots: Slot[]
  readonly #waiting: Waiting[] = []
  #count = 0
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.threads }, () => {
      return { worker: undefined, busy: false, idle: undefined }
    })
  }

  /** Threads that are there. */
  get size(): number {
    return this.#slots.filter(({ worker }) => worker).length
  }

  /**
   * @param transfer - Buffers of the task that its thread takes over.
   * @throws {RelayError} for what is wrong with the input
   * @throws {OverBudget}
   */
  async run(task: Task, transfer: ArrayBuffer[], signal: AbortSignal): Promise<Result> {
    if (this.#closed) throw closing()
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, transfer, signal, resolve, reject })
      this.#next()
    })
  }

  /** Ends the threads; what they did and what waits is rejected. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { reject } of this.#waiting.splice(0)) reject(closing())
    await Promise.all(this.#slots.map((slot) => this.#end(slot)))
  }

  #next(): void {
    const slot = this.#slots.find(({ busy }) => !busy)
    const waiting = slot && this.#waiting.shift()
    if (!slot || !waiting) return
    if (waiting.signal.aborted) {
      waiting.reject(closing())
      this.#next()
      return
    }
    void this.#do(slot, waiting)
  }

  async #do(slot: Slot, waiting: Waiting): Promise<void> {
    slot.busy = true
    clearTimeout(slot.idle)
    try {
      waiting.resolve(await this.#ask(slot, waiting))
    } catch (error) {
      waiting.reject(Error.isError(error) ? error : new Error(String(error)))
    }
    slot.busy = false
    slot.worker?.unref()
    slot.idle = setTimeout(() => void this.#end(slot), this.#options.idleMs).unref()
    this.#next()
  }

  #ask(slot: Slot, { task, transfer, signal }: Waiting): Promise<Result> {
    const { taskMs, heapMb } = this.#options
    const worker = (slot.worker ??= this.#start(slot))
    const n = ++this.#count
    return new Promise((resolve, reject) => {
      const finish = (end: () => void) => {
        endLimit()
        worker.off('message', answered).off('error', failed).off('exit', ended)
        signal.removeEventListener('abort', stopped)
        end()
      }
      const abandon = (error: Error) => {
        finish(() => reject(error))
        void this.#end(slot)
      }
      const answered = (answer: Answer) => {
        if (answer.n !== n) return
        finish(() => {
          if ('result' in answer) resolve(answer.result)
          else if ('refused' in answer)
            reject(new RelayError(answer.refused.code, answer.refused.message))
          else reject(new Error(answer.failed))
        })
      }
      const failed = (error: Error) => {
        const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        abandon(isMemory ? new OverBudget(`it took more than ${heapMb} MB`) : error)
      }
      const ended = () => abandon(this.#closed ? closing() : new OverBudget('its thread ended'))
      const stopped = () => abandon(closing())
      const endLimit = limitTime(worker, taskMs, () =>
        abandon(new OverBudget(`it took longer than ${taskMs / 1000} s`)),
      )
      signal.addEventListener('abort', stopped, { once: true })
      worker.on('message', answered).once('error', failed).once('exit', ended)
      worker.ref()
      const request: Request = { n, task }
      worker.postMessage(request, transfer)
    })
  }

  #start(slot: Slot): Worker {
    const worker = new Worker(programPath(), {
      env: {},
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapMb },
    })
    // Also one without a task says so when it fails: that is no reason to end the relay.
    worker.on('error', () => void this.#end(slot))
    worker.once('exit', () => {
      if (slot.worker === worker) slot.worker = undefined
    })
    return worker
  }

  async #end(slot: Slot): Promise<void> {
    clearTimeout(slot.idle)
    const { worker } = slot
    slot.worker = undefined
    await worker?.terminate()
  }
}

function closing(): RelayError {
  return new RelayError('busy', 'The relay is closing', { retryAfter: 2 })
}

/** Beside this file, as TypeScript in a clone and as JavaScript in the package. */
function programPath(): URL {
  return new URL(`thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url)
}
