// Which cell runs, and which cell caused the code that runs now: AsyncLocalStorage carries it through timers, promises and callbacks.
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
  /** Numbers executions, growing. */
  readonly id: number
  readonly cellId: string
  readonly filename: string
  readonly options: ExecuteOptions
  readonly abort = new AbortController()
  /** Rejects when the person interrupts the cell, and with what ends it otherwise. */
  interruption: Promise<never>
  /** Calls, posts and magics that were started and have not ended. */
  readonly pending = new Set<Promise<unknown>>()
  /** What rejected among those started. */
  readonly failures: unknown[] = []
  /** The first of `failures` that nobody handled. */
  failure: { reason: unknown } | undefined
  interrupted = false
  ended = false
  private rejectInterruption: (reason: unknown) => void = () => undefined
  /** Told of the interrupt at once; the signal is for user code. */
  private readonly listeners = new Set<() => void>()

  constructor(id: number, cellId: string, filename: string, options: ExecuteOptions) {
    this.id = id
    this.cellId = cellId
    this.filename = filename
    this.options = options
    this.interruption = new Promise<never>((_resolve, reject) => {
      this.rejectInterruption = reject
    })
    // Nobody may wait for it.
    this.interruption.catch(() => undefined)
  }

  interrupt(): void {
    if (this.interrupted || this.ended) return
    this.interrupted = true
    const reason = new Interrupted()
    this.rejectInterruption(reason)
    for (const listener of this.listeners) listener()
    try {
      abort(this.abort, reason)
    } catch {
      // A cell broke `EventTarget`: what hears of the signal does not, the cell ends all the same.
    }
  }

  /** The cell is remembered for what comes late from it, not for what it threw and was worth: a promise keeps what raced with it. */
  end(): void {
    this.ended = true
    this.failures.length = 0
    this.failure = undefined
    this.listeners.clear()
    this.rejectInterruption = () => undefined
    this.interruption = NEVER
  }

  /** Calls `listener` when the cell is interrupted, if it is before the returned function is called. */
  onInterrupt(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** The cell ends with `reason`, whatever it waits for. */
  fail(reason: unknown): void {
    this.rejectInterruption(reason)
  }

  /** The cell waits for `promise` before it ends; its failure, if nobody handles it, is the cell's. */
  track<Value>(promise: Promise<Value>): Promise<Value> {
    const { promise: settled, resolve } = Promise.withResolvers<undefined>()
    const done = () => {
      this.pending.delete(settled)
      resolve(undefined)
    }
    this.pending.add(settled)
    // A promise of its own: waiting for `promise` here must not count as handling its rejection.
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
  private readonly storage = new AsyncLocalStorage<CellContext>()

  constructor() {
    // Node's own `run` calls the others on it.
    for (const name of Reflect.ownKeys(AsyncLocalStorage.prototype)) {
      const { prototype } = AsyncLocalStorage
      const value: unknown = Reflect.getOwnPropertyDescriptor(prototype, name)?.value
      if (typeof value === 'function') Reflect.defineProperty(this.storage, name, { value })
    }
  }

  getStore(): CellContext | undefined {
    const store: unknown = getStore(this.storage)
    return store instanceof CellContext ? store : undefined
  }

  async run<Result>(context: CellContext, task: () => Promise<Result>): Promise<Result> {
    // Neither Node's `run`, which copies a map by an iterator that a cell may have broken, nor a snapshot, whose frame of async hooks stays
    // for good if V8 terminates the task: what a microtask enters is left with it.
    await Promise.resolve()
    enterWith(this.storage, context)
    return task()
  }
}

export class CellContexts {
  readonly storage = new CellStorage()
  running: CellContext | undefined
  last: CellContext | undefined
  private readonly byFilename = new Map<string, CellContext>()

  start(context: CellContext): void {
    this.running = context
    this.last = context
    this.byFilename.set(context.filename, context)
    if (this.byFilename.size > REMEMBERED) {
      for (const filename of this.byFilename.keys()) {
        this.byFilename.delete(filename)
        break
      }
    }
  }

  /** The cell that caused what runs now; else the running one, else the last. */
  current(): CellContext | undefined {
    return this.storage.getStore() ?? this.running ?? this.last
  }

  isFile(filename: string): boolean {
    return this.byFilename.has(filename)
  }

  /** The cell whose code is highest on a stack trace. */
  ofStack(stack: string): CellContext | undefined {
    for (const line of stack.split('\n')) {
      for (const [filename, context] of this.byFilename) {
        if (line.includes(filename + ':')) return context
      }
    }
    return undefined
  }
}

/** Cells whose late errors are still told apart by file name. */
const REMEMBERED = 500
