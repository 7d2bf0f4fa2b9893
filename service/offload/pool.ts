// Threads for work that would block the main thread too long. Each has its own heap and does one
// task at a time within a limit. A thread that exceeds it is ended, and the next task gets a new
// one. No task sees what another did to its thread.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { limitTime } from '../convert/time-limit.ts'
import { RelayError } from '../errors.ts'
import type { ProblemCode } from '../errors.ts'
import type { Result, Task } from './tasks.ts'

/** New objects of a thread: more would stay in memory when they are gone. */
const YOUNG_MB = 16

/** A numbered task for a thread; its answer: a result, a fault of the input, or a fault of ours. */
export interface Request {
  n: number
  task: Task
}
export type Answer = { n: number } & (
  { result: Result } | { refused: { code: ProblemCode; message: string } } | { failed: string }
)

/** A task needed too much time or memory. `message` is a clause: `it took longer than 10 s`. */
export class OverBudget extends Error {
  override name = 'OverBudget'
}

export interface PoolOptions {
  threads: number
  /** ms of processor time for a task. */
  taskMs: number
  heapMb: number
  /** ms after which an idle thread ends. */
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

  /** Number of threads that exist. */
  get size(): number {
    return this.#slots.filter(({ worker }) => worker).length
  }

  /**
   * @param transfer - Buffers of the task that its thread takes over.
   * @throws {RelayError} for a faulty input
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

  /** Ends the threads; rejects running and waiting tasks. */
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
      const endLimit = limitTime(
        () => processorMs(worker),
        taskMs,
        () => abandon(new OverBudget(`it took longer than ${taskMs / 1000} s`)),
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
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.heapMb,
        maxYoungGenerationSizeMb: YOUNG_MB,
      },
    })
    // A thread without a task may fail too: no reason to end the relay.
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

/** Next to this file: TypeScript in a clone, JavaScript in the package. */
function programPath(): URL {
  return new URL(`thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url)
}

async function processorMs(worker: Worker): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage()
    return (user + system) / 1000
  } catch {
    return 0 // ERR_WORKER_NOT_RUNNING: it starts, or has just ended, which `exit` tells
  }
}
