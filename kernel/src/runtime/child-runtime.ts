// The runtime port over a child process: runs cells one at a time, sends interrupts by cell
// number, answers calls, and replaces a dead process at once. An execution always ends, whatever
// happens to the process.
import type { CompiledCell } from '../cell/compiled.ts'
import type { MimeBundle } from '../protocol/mimebundle.ts'
import { RuntimeProcess } from './child-process.ts'
import type { ChildOutput, FromChild, Sequenced, ToChild } from './link.ts'
import type {
  Completion,
  Evaluation,
  ExecuteOptions,
  Outcome,
  Output,
  Runtime,
  RuntimeListener,
} from './runtime.ts'
import { cellErrorContent, typedPlace } from './traceback.ts'
import type { NumberedCell } from './numbered-cell.ts'
import { PendingCalls } from './pending-calls.ts'

type EndMessage = Extract<Sequenced, { type: 'end' }>
/** How an execution ends: the child says so, or the process died. */
type End = EndMessage | { type: 'died'; reason: string }

interface Running {
  id: number
  cellId: string
  settle(end: End): void
  ended: Promise<unknown>
}

/** Cells whose positions are still known when they show up in a later stack trace. */
const REMEMBERED = 1000
/** ms until a question about values is given up: the runtime is busy in a loop. */
const QUICK_ANSWER = 250
/**
 * ms until a runtime that should end a cell, or take a comm message, and says nothing is
 * replaced. Its own steps of interrupting take less.
 */
const PATIENCE = 10_000
/** How many values are remembered to be masked in posts. */
const SECRETS = 1000

const MUTE = 'The process that runs the cells did not answer an interrupt, so it was ended.'

const SILENT: ExecuteOptions = {
  silent: false,
  allowStdin: false,
  executionCount: 0,
  storeHistory: false,
}

const NOBODY: RuntimeListener = {
  output: () => undefined,
  call: () => Promise.resolve(undefined),
  lost: () => undefined,
}

/** @param options - `cwd`: the folder of the notebook. */
export function startRuntime({ cwd }: { cwd: string }): Runtime {
  return new ChildRuntime(cwd)
}

class ChildRuntime implements Runtime {
  #listener = NOBODY
  readonly #cwd: string
  #process: RuntimeProcess
  #running: Running | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #lastId = 0
  #lastCellId = ''
  /** Why it was closed, in a sentence. */
  #closed: string | undefined
  #held = false
  /** `dead`: died before it was ready. The next cell starts it; at once it would die again. */
  #state: 'starting' | 'ready' | 'dead' = 'starting'
  readonly #cells = new Map<string, NumberedCell>()
  /** By name and value, in the order seen. */
  readonly #secrets = new Map<string, { name: string; value: string }>()
  /** Questions other than executions: completion, inspection, comm. */
  readonly #asked = new Map<number, (message: FromChild | undefined) => void>()
  /** Those of `asked` that wait for user code, which may take any time. An interrupt ends them. */
  readonly #comms = new Set<number>()
  readonly #calls = new PendingCalls((call) => this.#listener.call(call))

  constructor(cwd: string) {
    this.#cwd = cwd
    this.#process = this.#spawn()
  }

  listen(listener: RuntimeListener): void {
    this.#listener = listener
  }

  execute(cell: CompiledCell, cellId: string, options: ExecuteOptions): Promise<Outcome> {
    return this.#enqueue(async () => {
      const end = await this.#run('execute', cell, cellId, options)
      if (end.type === 'died') return this.#lostOutcome(end.reason)
      const { outcome } = end
      if (outcome.status === 'ok') return outcome
      return { ...outcome, error: cellErrorContent(outcome.error, this.#cells) }
    })
  }

  evaluate(expression: CompiledCell, cellId: string): Promise<Evaluation> {
    return this.#enqueue(async (): Promise<Evaluation> => {
      const end = await this.#run('evaluate', expression, cellId, SILENT)
      if (end.type === 'died') return { status: 'error', ...this.#lostOutcome(end.reason).error }
      if (end.outcome.status === 'error') {
        return { status: 'error', ...cellErrorContent(end.outcome.error, this.#cells) }
      }
      const { data, metadata } = end.result ?? { data: { 'text/plain': 'undefined' }, metadata: {} }
      return { status: 'ok', data, metadata }
    })
  }

  async complete(code: string, cursor: number): Promise<Completion> {
    const answer = await this.#ask((id) => ({ type: 'complete', id, code, cursor }), QUICK_ANSWER)
    if (answer?.type === 'completion') return answer.completion
    return { matches: [], start: cursor, end: cursor }
  }

  async inspect(code: string, cursor: number, detailLevel: 0 | 1): Promise<MimeBundle | undefined> {
    const question = (id: number): ToChild => ({ type: 'inspect', id, code, cursor, detailLevel })
    const answer = await this.#ask(question, QUICK_ANSWER)
    return answer?.type === 'inspection' ? answer.data : undefined
  }

  async completeMagic(name: string, words: readonly string[]): Promise<string[]> {
    const question = (id: number): ToChild => ({ type: 'complete_magic', id, name, words })
    const answer = await this.#ask(question, QUICK_ANSWER)
    return answer?.type === 'magic_completion' ? answer.matches : []
  }

  async secretVariables(): Promise<Array<{ name: string; value: string }>> {
    await this.#ask((id) => ({ type: 'report', id }), QUICK_ANSWER)
    return [...this.#secrets.values()]
  }

  async comm(
    msgType: 'comm_open' | 'comm_msg' | 'comm_close',
    message: Parameters<Runtime['comm']>[1],
  ): Promise<void> {
    let own = 0
    await this.#ask((id) => {
      own = id
      this.#comms.add(id)
      return { type: 'comm', id, msgType, ...message }
    }).finally(() => this.#comms.delete(own))
  }

  async interrupt(): Promise<void> {
    const running = this.#running
    // A callback of an ended cell may spin: end it as a cell's. It gets a number of its own, so
    // that no cell is hit.
    if (!running) return this.#interruptIdle()
    this.#process.sendToWorker({ type: 'interrupt', id: running.id })
    // The answers of aborted calls would come too late: the runtime hears of the interrupt first
    // and ends those calls itself.
    this.#calls.abort(running.cellId)
    // A write that waits cannot be interrupted.
    this.#process.hold(false)
    const process = this.#process
    const timer = setTimeout(() => process.giveUp(MUTE), PATIENCE)
    await running.ended
    clearTimeout(timer)
    this.#process.hold(this.#held)
  }

  /** Ends callbacks of ended cells, and the code that a comm message waits for. */
  async #interruptIdle(): Promise<void> {
    // Nothing runs in a process that starts: an interrupt would meet the first cell instead.
    if (this.#state !== 'ready') return
    const process = this.#process
    process.sendToWorker({ type: 'interrupt', id: ++this.#lastId })
    const timer = setTimeout(() => process.giveUp(MUTE), PATIENCE)
    // The process that answers this has heard of the interrupt before.
    await this.#ask((id) => ({ type: 'report', id }))
    clearTimeout(timer)
    for (const [id, resolve] of this.#asked) if (this.#comms.has(id)) resolve(undefined)
  }

  hold(on: boolean): void {
    this.#held = on
    this.#process.hold(on)
  }

  async close(reason = 'The kernel was closed.'): Promise<void> {
    this.#closed ??= reason
    await this.#process.kill()
  }

  #enqueue<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(run)
    // The caller sees a failure; the next in the queue runs all the same.
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #run(
    type: 'execute' | 'evaluate',
    cell: CompiledCell,
    cellId: string,
    options: ExecuteOptions,
  ): Promise<End> {
    if (this.#closed !== undefined) return { type: 'died', reason: this.#closed }
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<End>()
    this.#remember(cell, options.executionCount)
    this.#lastCellId = cellId
    this.#running = { id, cellId, settle: resolve, ended: promise }
    const { script, filename } = cell
    if (this.#state === 'dead') this.#process = this.#spawn()
    this.#process.send({ type, id, cellId, script, filename, options })
    try {
      return await promise
    } finally {
      this.#running = undefined
    }
  }

  #remember(cell: CompiledCell, executionCount: number): void {
    this.#cells.delete(cell.filename)
    this.#cells.set(cell.filename, { cell, executionCount })
    if (this.#cells.size <= REMEMBERED) return
    const [oldest] = this.#cells.keys()
    if (oldest !== undefined) this.#cells.delete(oldest)
  }

  #keepSecrets(variables: ReadonlyArray<{ name: string; value: string }>): void {
    for (const { name, value } of variables) this.#secrets.set(`${name}=${value}`, { name, value })
    for (const key of this.#secrets.keys()) {
      if (this.#secrets.size <= SECRETS) break
      this.#secrets.delete(key)
    }
  }

  /** Undefined if no answer came in time or the process died. */
  #ask(question: (id: number) => ToChild, limit?: number): Promise<FromChild | undefined> {
    if (this.#closed !== undefined) return Promise.resolve(undefined)
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<FromChild | undefined>()
    const timer = limit === undefined ? undefined : setTimeout(resolve, limit, undefined)
    this.#asked.set(id, resolve)
    this.#process.send(question(id))
    return promise.finally(() => {
      clearTimeout(timer)
      this.#asked.delete(id)
    })
  }

  #spawn(): RuntimeProcess {
    this.#state = 'starting'
    const started = new RuntimeProcess(this.#cwd, {
      text: (name, text, cellId) => {
        this.#listener.output({ type: 'stream', cellId: cellId || this.#lastCellId, name, text })
      },
      message: (message) => this.#receive(message, started),
      reply: (message) => {
        if (message.type === 'ready') this.#state = 'ready'
        if (message.type === 'variables') this.#keepSecrets(message.variables)
        if (message.type === 'places') this.#answerPlaces(message, started)
        else if ('id' in message) this.#asked.get(message.id)?.(message)
      },
      died: (reason) => this.#replace(reason),
    })
    return started
  }

  #receive(message: Sequenced, from: RuntimeProcess): void {
    switch (message.type) {
      case 'output':
        this.#listener.output(this.#outputOf(message.output, message.cellId || this.#lastCellId))
        break
      case 'call':
        void this.#calls.answer(message, from)
        break
      case 'done':
        this.#asked.get(message.id)?.(message)
        break
      case 'end':
        this.#end(message)
        break
    }
  }

  #end(message: EndMessage): void {
    const running = this.#running
    if (running?.id !== message.id) return
    const { shown: content } = message
    if (content) this.#listener.output({ type: 'execute_result', cellId: running.cellId, content })
    running.settle(message)
  }

  #outputOf(output: ChildOutput, cellId: string): Output {
    return output.type === 'error'
      ? { type: 'error', cellId, content: cellErrorContent(output.error, this.#cells) }
      : { ...output, cellId }
  }

  #answerPlaces({ id, places }: Extract<FromChild, { type: 'places' }>, to: RuntimeProcess): void {
    to.sendToWorker({ type: 'places', id, places: places.map((p) => typedPlace(p, this.#cells)) })
  }

  /** Called once all that the dead process wrote was shown. */
  #replace(reason: string): void {
    this.#calls.abort()
    for (const resolve of this.#asked.values()) resolve(undefined)
    const running = this.#running
    if (this.#closed === undefined) {
      if (this.#state === 'ready') this.#process = this.#spawn()
      else this.#state = 'dead'
      if (!running) this.#listener.lost(reason, `${reason} ${this.#aftermath}`)
    }
    running?.settle({ type: 'died', reason: this.#closed ?? reason })
  }

  get #aftermath(): string {
    return this.#state === 'dead' || !this.#process.isSpawned
      ? 'The process that runs the cells could not be started; each cell tries again.'
      : 'All variables are lost; a fresh runtime is ready.'
  }

  #lostOutcome(reason: string): Extract<Outcome, { status: 'error' }> {
    const [name, message] =
      this.#closed === undefined
        ? ['RuntimeLostError', `${reason} ${this.#aftermath}`]
        : ['KernelClosed', reason]
    const error = { name, message, stack: '', properties: '' }
    return { status: 'error', error: cellErrorContent(error, this.#cells), interrupted: false }
  }
}
