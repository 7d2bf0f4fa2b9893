// Runs one cell: declares its names, runs its script where an interrupt is caught, awaits what it
// returned and what it started, shows its value. A cell ends exactly once, whatever it does; an
// interrupted cell ends even if its code never returns.
import { setImmediate as nextTurn } from 'node:timers'
import { getCallSites, types } from 'node:util'
import { Script, constants } from 'node:vm'
import type { Declaration } from '../../cell/compiled.ts'
import type { ChildOutcome, Sequenced, ToChild } from '../link.ts'
import { awaitedValue } from './awaited-value.ts'
import { CellContext, Interrupted } from './cell-context.ts'
import type { CellContexts } from './cell-context.ts'
import { isInterruption } from './control.ts'
import type { Control } from './control.ts'
import { declare, seal } from './declarations.ts'
import { bundleOf } from './mimebundle.ts'
import { Promise, Reflect, UserObject, listOf, uncurry } from '../../api/primordials.ts'
import { isOwnFile } from '../stack-frames.ts'
import { moduleScope } from './module-names.ts'
import type { Results } from './results.ts'
import type { SecretVariables } from './secret-variables.ts'
import { Stopwatch } from './stopwatch.ts'
import type { StandardStreams } from './standard-streams.ts'
import type { OutputWriter } from './streams.ts'
import { describeThrown } from './thrown.ts'
import { settled } from './user-promises.ts'

const runInThisContext = uncurry(Script.prototype, 'runInThisContext')
const callSites = getCallSites
const immediate = nextTurn

/** More than the kernel's own frames at the top of the stack. */
const CALLER_FRAMES = 8

type Execution = Extract<ToChild, { type: 'execute' | 'evaluate' }>
type EndValue = Pick<Extract<Sequenced, { type: 'end' }>, 'result' | 'shown'>

interface EvaluatorParts {
  cells: CellContexts
  control: Control
  writer: OutputWriter
  results: Results
  secrets: SecretVariables
  streams: StandardStreams
}

/** What happens around a cell. */
interface Around {
  /** Called before a cell's names are declared. */
  before: () => Promise<void> | undefined
  /** Called after an interrupt. */
  interrupted: () => void
}

export class Evaluator {
  readonly #cells: CellContexts
  readonly #control: Control
  readonly #writer: OutputWriter
  readonly #results: Results
  readonly #secrets: SecretVariables
  readonly #streams: StandardStreams
  readonly #around: Around
  /** Declarations of the running cell. */
  #declarations: readonly Declaration[] = []
  /** The highest number of an interrupt that came before its cell. */
  #cancelled = 0

  constructor(parts: EvaluatorParts, around: Around) {
    this.#cells = parts.cells
    this.#control = parts.control
    this.#writer = parts.writer
    this.#results = parts.results
    this.#secrets = parts.secrets
    this.#streams = parts.streams
    this.#around = around
  }

  async execute(execution: Execution): Promise<void> {
    const { id, cellId, filename, options, script } = execution
    const context = new CellContext(id, cellId, filename, options)
    this.#declarations = script.declarations
    this.#cells.start(context)
    this.#control.started(id)
    this.#streams.restore()
    this.#writer.begin(0, cellId)
    if (this.#cancelled >= id) context.interrupt()
    const watch = options.timed === true ? new Stopwatch() : undefined
    let outcome: ChildOutcome = { status: 'ok' }
    let value: EndValue | undefined
    try {
      // One race around everything: code that V8 terminated never settles its own promise.
      const body = this.#cells.storage.run(context, () => this.#run(execution, context))
      value = await Promise.race([body, context.interruption])
    } catch (thrown) {
      const error =
        isInterruption(thrown) || this.#control.isInterrupting(id) ? new Interrupted() : thrown
      const interrupted = error instanceof Interrupted
      // Interrupted in its sync part: the cell's signal and calls have not heard of it yet.
      if (interrupted) {
        context.interrupt()
        this.#around.interrupted()
      }
      outcome = { status: 'error', error: describeThrown(error), interrupted }
    }
    if (watch) this.#writer.text(1, watch.text())
    this.#end(context, script.declarations, outcome, value)
  }

  interrupt(id: number): void {
    const { running } = this.#cells
    if (running?.id === id) {
      running.interrupt()
      // V8's termination drops everything in the queue, maybe the end of the cell too: if it has
      // not ended by now, it never will.
      immediate(() => this.#endLost(running))
    } else if (!running || running.id < id) this.#cancelled = id
  }

  #endLost(context: CellContext): void {
    if (context.ended) return
    this.#around.interrupted()
    const error = describeThrown(new Interrupted())
    this.#end(context, this.#declarations, { status: 'error', error, interrupted: true })
  }

  /** Runs once; again if an interrupt hit it. */
  #end(
    context: CellContext,
    declarations: readonly Declaration[],
    outcome: ChildOutcome,
    value?: EndValue,
  ): void {
    if (context.ended) return
    const { id, cellId } = context
    try {
      seal(declarations, outcome.status === 'error')
    } finally {
      // Node's own lazy globals may fail once their built-ins were replaced (`let Object = 1`):
      // the cell ends all the same.
      this.#writer.message({ type: 'end', id, outcome, ...value }, cellId)
    }
    context.end()
    this.#streams.restore()
    this.#cells.running = undefined
    this.#control.ended(id)
    // The kernel process answers meanwhile; no other cell begins before this is done.
    this.#secrets.report()
  }

  async #run(
    { type, script, filename }: Execution,
    context: CellContext,
  ): Promise<EndValue | undefined> {
    if (context.interrupted) throw new Interrupted()
    const before = type === 'execute' ? this.#around.before() : undefined
    if (before) await before
    if (context.interrupted) throw new Interrupted()
    const isCell = (): boolean => this.#cells.storage.getStore() === context
    // For a property of the global object we cannot tell whether the name itself is meant.
    const isCode = () => !script.usesGlobalObject && isCell() && this.#isCode()
    declare(script.declarations, { isCell, isCode, isCellCode: () => this.#isCode() })
    const scope = moduleScope(script.moduleNames)
    const compiled = new Script(scope === '' ? script.code : `${scope}${script.code}\n}`, {
      filename,
      columnOffset: -scope.length,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    let value = this.#control.runInterruptibly((): unknown =>
      runInThisContext(compiled, { displayErrors: false }),
    )
    if (types.isPromise(value) && script.isAsync) value = unwrap((await settled(value)).value)
    if (script.hasValue && isThenable(value)) {
      value = (await awaitedValue(value, this.#writer)).value
    }
    await this.#finishStarted(context)
    if (context.interrupted || !script.hasValue) return undefined
    if (type === 'evaluate') return { result: await bundleOf(value) }
    const shown = await this.#results.take(value, context)
    return shown && !context.interrupted ? { shown } : undefined
  }

  /** Whether code of a cell called the function that asks this. */
  #isCode(): boolean {
    const sites = listOf(callSites(CALLER_FRAMES))
    const caller = sites.find(({ scriptName }) => !isOwnFile(scriptName))
    return caller !== undefined && this.#cells.isFile(caller.scriptName)
  }

  async #finishStarted(context: CellContext): Promise<void> {
    do {
      while (context.pending.size > 0) await Promise.allSettled(context.pending)
      // Node reports an unhandled rejection once all ticks and microtasks have run, so a shorter
      // wait would miss it: it must show while its cell is running. Costs 0.03 ms a cell. Work
      // that these ticks start (a reader of stdin asks for the next line) is the cell's as well.
      await new Promise<void>((resolve) => immediate(resolve))
    } while (context.pending.size > 0)
    if (context.failure) throw context.failure.reason
  }
}

/** An async script resolves to `{ value }`. */
function unwrap(wrapped: unknown): unknown {
  return typeof wrapped === 'object' && wrapped !== null && 'value' in wrapped
    ? wrapped.value
    : undefined
}

/** Looks without running getters or proxy traps. */
function isThenable(value: unknown): boolean {
  for (
    let holder = value;
    typeof holder === 'object' && holder !== null && !types.isProxy(holder);
    holder = Reflect.getPrototypeOf(holder)
  ) {
    // A `then` that all objects have does not make this one a promise.
    if (holder === UserObject.prototype) return false
    const descriptor = Reflect.getOwnPropertyDescriptor(holder, 'then')
    if (descriptor) return typeof descriptor.value === 'function'
  }
  return false
}
