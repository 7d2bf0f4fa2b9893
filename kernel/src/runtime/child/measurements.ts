// `%time` and `%timeit` of a cell: run its code, which stays a function in its place, and print how
// long it took. Code that gives a promise is waited for, in each loop.
import { types } from 'node:util'
import type { CellHost } from '../../cell/compiled.ts'
import { Error, Map } from '../../api/primordials.ts'
import { Interrupted } from './cell-context.ts'
import type { CellContexts } from './cell-context.ts'
import { Stopwatch, clock, now } from './stopwatch.ts'
import type { OutputWriter } from './streams.ts'
import { resultText } from './timeit-result.ts'
import { settled, toUser } from './user-promises.ts'

/** Runs, and s that each should take at least, as in IPython. */
const RUNS = 7
const ENOUGH = 0.2
const MOST_LOOPS = 1e9
const MOST_RUNS = 10_000
/** Statements whose end was not reached, as they failed. */
const MOST_OPEN = 1000

type Code = () => unknown

interface AsyncRuns {
  /** When the first one began. */
  started: number
  loops: number | undefined
  runs: number
  finish: (timings: readonly number[], count: number) => void
}

export class Measurements {
  readonly #cells: CellContexts
  readonly #writer: OutputWriter
  /** Of statements between `begin` and `end`, by cell and place. */
  readonly #open = new Map<string, Stopwatch>()

  constructor(cells: CellContexts, writer: OutputWriter) {
    this.#cells = cells
    this.#writer = writer
  }

  readonly measure: CellHost['measure'] = (kind, options, code = nothing) => {
    switch (kind) {
      case 'time':
        return this.#time(code)
      case 'timeit':
        return this.#timeit(code, options)
      case 'begin':
        if (this.#open.size >= MOST_OPEN) this.#open.clear()
        this.#open.set(this.#keyOf(options), new Stopwatch())
        return undefined
      case 'end':
        this.#print(this.#open.get(this.#keyOf(options))?.text() ?? '')
        this.#open.delete(this.#keyOf(options))
        return undefined
    }
  }

  #keyOf({ place = '' }: Record<string, string>): string {
    return `${this.#cells.current()?.cellId ?? ''} ${place}`
  }

  #print(text: string): void {
    this.#writer.text(1, text)
  }

  /** Code that fails is measured as well. */
  #time(code: Code): unknown {
    const watch = new Stopwatch()
    let value: unknown
    try {
      value = code()
    } catch (error) {
      this.#print(watch.text())
      throw error
    }
    if (types.isPromise(value)) {
      return this.#tracked(settled(value).finally(() => this.#print(watch.text())))
    }
    this.#print(watch.text())
    return value
  }

  #timeit(code: Code, options: Record<string, string>): unknown {
    const loops = countOf(options, 'loops', MOST_LOOPS)
    const runs = countOf(options, 'repeat', MOST_RUNS) ?? RUNS
    const finish = (timings: readonly number[], count: number) => {
      if (options['quiet'] === undefined) this.#print(resultText(timings, count))
    }
    // The first run tells whether the code gives promises.
    const started = now(clock)
    const value = code()
    if (types.isPromise(value)) {
      return this.#tracked(this.#asyncRuns(code, value, { started, loops, runs, finish }))
    }
    const first = now(clock) - started
    const timings: number[] = []
    let count = loops ?? 1
    if (loops === undefined) {
      let time = first
      while (time < ENOUGH * 1000 && count < MOST_LOOPS) {
        count *= 10
        time = this.#loop(code, count)
      }
    }
    for (let run = 0; run < runs; run++) timings[run] = this.#loop(code, count)
    finish(timings, count)
    return undefined
  }

  /** ms of that many loops. */
  #loop(code: Code, count: number): number {
    this.#stopIfInterrupted()
    const started = now(clock)
    for (let loop = 0; loop < count; loop++) code()
    return now(clock) - started
  }

  async #asyncRuns(
    code: Code,
    first: Promise<unknown>,
    { started, loops, runs, finish }: AsyncRuns,
  ): Promise<{ value: undefined }> {
    await settled(first)
    let count = loops ?? 1
    if (loops === undefined) {
      let time = now(clock) - started
      while (time < ENOUGH * 1000 && count < MOST_LOOPS) {
        count *= 10
        time = await this.#asyncLoop(code, count)
      }
    }
    const timings: number[] = []
    for (let run = 0; run < runs; run++) timings[run] = await this.#asyncLoop(code, count)
    finish(timings, count)
    return { value: undefined }
  }

  async #asyncLoop(code: Code, count: number): Promise<number> {
    const started = now(clock)
    for (let loop = 0; loop < count; loop++) {
      this.#stopIfInterrupted()
      const value = code()
      if (types.isPromise(value)) await settled(value)
    }
    return now(clock) - started
  }

  #stopIfInterrupted(): void {
    if (this.#cells.current()?.interrupted === true) throw new Interrupted()
  }

  /** The cell waits for it, also where its code cannot. */
  #tracked(promise: Promise<{ value: unknown }>): Promise<unknown> {
    const value = promise.then((wrapped) => wrapped.value)
    return this.#cells.current()?.track(value) ?? toUser(value)
  }
}

function nothing(): undefined {
  return undefined
}

/** @throws {Error} named UsageError. */
function countOf(options: Record<string, string>, name: string, most: number): number | undefined {
  const typed = options[name]
  if (typed === undefined) return undefined
  if (/^[1-9]\d{0,9}$/.test(typed) && +typed <= most) return +typed
  const error = new Error(`--${name} takes a number from 1 to ${most}, not ${typed || 'nothing'}`)
  error.name = 'UsageError'
  throw error
}
