// Which cell runs, and which cell caused the code that runs now: AsyncLocalStorage carries it
// through timers, promises and callbacks.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ExecuteOptions } from '../runtime.ts'
import {
  AbortController,
  Error,
  Map,
  Promise,
  Reflect,
  Set,
  UserPromise,
  uncurry,
} from '../../api/primordials.ts'
import { follow } from './user-promises.ts'

/** What an interrupted cell ends with. */
export class Interrupted extends Error {
  override name = 'KeyboardInterrupt'
  constructor() {
    super('The cell was interrupted.')
  }
}

const NEVER = new Promise<never>(() => undefined)

export class CellContext {
  /** Grows with each execution. */
  readonly id: number
  readonly cellId: string
  readonly filename: string
  readonly options: ExecuteOptions
  readonly abort = new AbortController()
  /** Rejects when the person interrupts the cell, or with another reason that ends it. */
  interruption: Promise<never>
  /** Calls, posts and magics that have started and not ended. */
  readonly pending = new Set<Promise<unknown>>()
  /** The reasons of those that rejected. */
  readonly failures: unknown[] = []
  /** The first of `failures` that nobody handled. */
  failure: { reason: unknown } | undefined
  interrupted = false
  ended = false
  #rejectInterruption: (reason: unknown) => void = () => undefined
  /** Called at once on an interrupt; the signal is for user code. */
  readonly #listeners = new Set<() => void>()

  constructor(id: number, cellId: string, filename: string, options: ExecuteOptions) {
    this.id = id
    this.cellId = cellId
    this.filename = filename
    this.options = options
    this.interruption = new Promise<never>((_resolve, reject) => {
      this.#rejectInterruption = reject
    })
    // Maybe nobody waits for it.
    this.interruption.catch(() => undefined)
  }

  interrupt(): void {
    if (this.interrupted || this.ended) return
    this.interrupted = true
    const reason = new Interrupted()
    this.#rejectInterruption(reason)
    for (const listener of this.#listeners) listener()
    try {
      abort(this.abort, reason)
    } catch {
      // A cell broke `EventTarget`: listeners of the signal hear nothing, but the cell still ends.
    }
  }

  /**
   * Forgets what the cell threw and its value; a promise keeps what raced with it. The cell
   * itself is remembered for output that comes late.
   */
  end(): void {
    this.ended = true
    this.failures.length = 0
    this.failure = undefined
    this.#listeners.clear()
    this.#rejectInterruption = () => undefined
    this.interruption = NEVER
  }

  /** Calls `listener` on an interrupt, unless the returned function was called before. */
  onInterrupt(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** The cell ends with `reason`, whatever it waits for. */
  fail(reason: unknown): void {
    this.#rejectInterruption(reason)
  }

  /** The cell waits for `promise` before it ends; an unhandled failure is the cell's failure. */
  track<Value>(promise: Promise<Value>): Promise<Value> {
    const { promise: settled, resolve } = Promise.withResolvers<undefined>()
    const done = () => {
      this.pending.delete(settled)
      resolve(undefined)
    }
    this.pending.add(settled)
    // A promise of its own: our waiting for `promise` must not count as handling its rejection.
    return new UserPromise<Value>((fulfil, reject) => {
      follow(
        promise,
        (value) => {
          done()
          fulfil(value)
        },
        (reason) => {
          if (!this.ended) this.failures.push(reason)
          done()
          reject(reason)
        },
      )
    })
  }
}

const abort = uncurry(AbortController.prototype, 'abort')
const getStore = uncurry(AsyncLocalStorage.prototype, 'getStore')
const enterWith = uncurry(AsyncLocalStorage.prototype, 'enterWith')

/** An AsyncLocalStorage whose methods no cell can replace. */
class CellStorage {
  readonly #storage = new AsyncLocalStorage<CellContext>()

  constructor() {
    // Node's own `run` calls the others on it.
    for (const name of Reflect.ownKeys(AsyncLocalStorage.prototype)) {
      const { prototype } = AsyncLocalStorage
      const value: unknown = Reflect.getOwnPropertyDescriptor(prototype, name)?.value
      if (typeof value === 'function') Reflect.defineProperty(this.#storage, name, { value })
    }
  }

  getStore(): CellContext | undefined {
    const store: unknown = getStore(this.#storage)
    return store instanceof CellContext ? store : undefined
  }

  async run<Result>(context: CellContext, task: () => Promise<Result>): Promise<Result> {
    // Neither by Node's `run`, which copies a map by an iterator that a cell may have broken, nor
    // by a snapshot, whose frame of async hooks stays for good if V8 terminates the task. A
    // microtask's entry is dropped when the microtask ends.
    await Promise.resolve()
    enterWith(this.#storage, context)
    return task()
  }
}

export class CellContexts {
  readonly storage = new CellStorage()
  running: CellContext | undefined
  last: CellContext | undefined
  readonly #byFilename = new Map<string, CellContext>()

  start(context: CellContext): void {
    this.running = context
    this.last = context
    this.#byFilename.set(context.filename, context)
    if (this.#byFilename.size > REMEMBERED) {
      for (const filename of this.#byFilename.keys()) {
        this.#byFilename.delete(filename)
        break
      }
    }
  }

  /** The cell that caused the code that runs now; else the running cell, else the last one. */
  current(): CellContext | undefined {
    return this.storage.getStore() ?? this.running ?? this.last
  }

  isFile(filename: string): boolean {
    return this.#byFilename.has(filename)
  }

  /** The cell whose code is highest on a stack trace. */
  ofStack(stack: string): CellContext | undefined {
    for (const line of stack.split('\n')) {
      for (const [filename, context] of this.#byFilename) {
        if (line.includes(filename + ':')) return context
      }
    }
    return undefined
  }
}

/** For this many cells, a late error is still matched to its cell by file name. */
const REMEMBERED = 500
