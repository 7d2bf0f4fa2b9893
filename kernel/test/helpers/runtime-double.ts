// A Runtime that runs in this process, for tests of the wire: cells are small programs of the test,
// found by their source. The real runtime has tests of its own.
import type { CompiledCell } from '../../src/cell/compiled.ts'
import type {
  Completion,
  Evaluation,
  ExecuteOptions,
  Outcome,
  Output,
  Runtime,
  RuntimeListener,
} from '../../src/runtime/runtime.ts'

export interface DoubleCell {
  cellId: string
  options: ExecuteOptions
  /** Aborted by an interrupt. */
  signal: AbortSignal
  listener: RuntimeListener
  write: (text: string, name?: 'stdout' | 'stderr') => void
  result: (text: string) => void
}

export type Program = (cell: DoubleCell) => unknown

export class RuntimeDouble implements Runtime {
  readonly comms: Array<{ msgType: string; content: Record<string, unknown>; cellId: string }> = []
  /** Trimmed source -> what it does; any other source becomes its own result. */
  readonly programs = new Map<string, Program>()
  closed = false
  held = false
  #listener: RuntimeListener | undefined
  #running: AbortController | undefined
  #last: Promise<unknown> = Promise.resolve()

  listen(listener: RuntimeListener): void {
    this.#listener = listener
  }

  show(output: Output): void {
    this.#heard.output(output)
  }

  get #heard(): RuntimeListener {
    if (!this.#listener) throw new Error('no kernel listens to this runtime')
    return this.#listener
  }

  execute(cell: CompiledCell, cellId: string, options: ExecuteOptions): Promise<Outcome> {
    const run = this.#last.then(() => this.#run(cell.source.trim(), cellId, options))
    this.#last = run
    return run
  }

  async #run(source: string, cellId: string, options: ExecuteOptions): Promise<Outcome> {
    const abort = new AbortController()
    this.#running = abort
    const show = (output: Output): void => this.#heard.output(output)
    const cell: DoubleCell = {
      cellId,
      options,
      signal: abort.signal,
      listener: this.#heard,
      write: (text, name = 'stdout') => show({ type: 'stream', cellId, name, text }),
      result: (text) => {
        const content = { data: { 'text/plain': text }, metadata: {} }
        show({ type: 'execute_result', cellId, content })
      },
    }
    try {
      const program = this.programs.get(source)
      if (program) await program(cell)
      else if (!options.silent) cell.result(source)
      return { status: 'ok' }
    } catch (error) {
      if (!Error.isError(error)) throw error
      const ename = abort.signal.aborted ? 'KeyboardInterrupt' : error.name
      const evalue = error.message
      const traceback = [`${ename}: ${evalue}`]
      return {
        status: 'error',
        error: { ename, evalue, traceback },
        interrupted: abort.signal.aborted,
      }
    } finally {
      this.#running = undefined
    }
  }

  evaluate(expression: CompiledCell): Promise<Evaluation> {
    if (expression.source.includes('nope')) {
      const evalue = 'nope is not defined'
      const traceback = [`ReferenceError: ${evalue}`]
      return Promise.resolve({ status: 'error', ename: 'ReferenceError', evalue, traceback })
    }
    const data = { 'text/plain': `value of ${expression.source}` }
    return Promise.resolve({ status: 'ok', data, metadata: {} })
  }

  /** Completes the word before the cursor to itself and `_completed`. */
  complete(code: string, cursor: number): Promise<Completion> {
    const word = /\w*$/.exec(code.slice(0, cursor))?.[0] ?? ''
    const matches = [{ text: `${word}_completed`, type: 'function' }]
    return Promise.resolve({ matches, start: cursor - word.length, end: cursor })
  }

  completeMagic(): Promise<string[]> {
    return Promise.resolve([])
  }

  inspect(code: string): Promise<Record<string, unknown> | undefined> {
    if (code.includes('fail')) return Promise.reject(new RangeError('inspection failed'))
    return Promise.resolve(code.includes('known') ? { 'text/plain': 'known: a name' } : undefined)
  }

  secretVariables(): Promise<Array<{ name: string; value: string }>> {
    return Promise.resolve([])
  }

  comm(
    msgType: 'comm_open' | 'comm_msg' | 'comm_close',
    { cellId, content }: { cellId: string; content: Record<string, unknown> },
  ): Promise<void> {
    this.comms.push({ msgType, content, cellId })
    return Promise.resolve()
  }

  interrupt(): Promise<void> {
    this.#running?.abort(new Error('interrupted'))
    return Promise.resolve()
  }

  hold(on: boolean): void {
    this.held = on
  }

  close(): Promise<void> {
    this.closed = true
    return this.interrupt()
  }
}

/** Never resolves; rejects when the cell is interrupted. */
export function untilInterrupted({ signal }: DoubleCell): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')))
  })
}
