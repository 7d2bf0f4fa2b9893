// Runs one cell: declares its names, runs its script where an interrupt is caught, awaits what it returned and what it started, shows
// its value. Ends once, whatever the cell does; an interrupted cell ends although its code may never return.
import { setImmediate as nextTurn } from 'node:timers'
import { setImmediate } from 'node:timers/promises'
import { getCallSites, types } from 'node:util'
import { Script, constants } from 'node:vm'
import type { Declaration } from '../../cell/compiled.ts'
import type { DisplayContent } from '../../protocol/mimebundle.ts'
import type { ChildOutcome, Sequenced, ToChild } from '../link.ts'
import { isDisplayHandle } from '../../api/display.ts'
import { settled } from './awaited-value.ts'
import { CellContext, Interrupted } from './cell-context.ts'
import type { Cells } from './cell-context.ts'
import { isInterruption } from './control.ts'
import type { Control } from './control.ts'
import { declare, seal } from './declarations.ts'
import { bundleOf } from './mimebundle.ts'
import { Object, Promise, Reflect, realm, uncurry } from '../../api/primordials.ts'
import { isOwnFile } from '../stack-frames.ts'
import type { SecretVariables } from './secret-variables.ts'
import type { OutputWriter } from './streams.ts'
import { describeThrown } from './thrown.ts'

const runInThisContext = uncurry(Script.prototype, 'runInThisContext')

/** The frames of this kernel at the top of the stack are fewer. */
const CALLER_FRAMES = 8

type Execution = Extract<ToChild, { type: 'execute' | 'evaluate' }>
type EndValue = Pick<Extract<Sequenced, { type: 'end' }>, 'result' | 'shown'>

export class Evaluator {
  private readonly cells: Cells
  private readonly control: Control
  private readonly writer: OutputWriter
  private readonly results: Results
  private readonly secrets: SecretVariables
  /** After an interrupt. */
  private readonly cleanUp: () => void
  /** Of the running cell. */
  private declarations: readonly Declaration[] = []
  /** Interrupts that came before their cell. */
  private cancelled = 0

  constructor(
    cells: Cells,
    control: Control,
    writer: OutputWriter,
    results: Results,
    secrets: SecretVariables,
    cleanUp: () => void,
  ) {
    this.secrets = secrets
    this.cleanUp = cleanUp
    this.cells = cells
    this.control = control
    this.writer = writer
    this.results = results
  }

  async execute(execution: Execution): Promise<void> {
    const { id, cellId, filename, options, script } = execution
    const context = new CellContext(id, cellId, filename, options)
    this.declarations = script.declarations
    this.cells.start(context)
    this.control.started(id)
    this.writer.begin(0, cellId)
    if (this.cancelled >= id) context.interrupt()
    let outcome: ChildOutcome = { status: 'ok' }
    let value: EndValue | undefined
    try {
      // One race around everything: code that V8 terminated never settles its own promise.
      const body = this.cells.storage.run(context, () => this.run(execution, context))
      value = await Promise.race([body, context.interruption])
    } catch (thrown) {
      const error =
        isInterruption(thrown) || this.control.isInterrupting(id) ? new Interrupted() : thrown
      const interrupted = error instanceof Interrupted
      // Interrupted in its sync part: the signal and the calls of the cell have not heard of it yet.
      if (interrupted) {
        context.interrupt()
        this.cleanUp()
      }
      outcome = { status: 'error', error: describeThrown(error), interrupted }
    }
    this.end(context, script.declarations, outcome, value)
  }

  interrupt(id: number): void {
    const { running } = this.cells
    if (running?.id === id) {
      running.interrupt()
      // V8's termination takes all that waits for its turn, maybe the end of the cell too: one that did not end by now never will.
      nextTurn(() => this.endLost(running))
    } else if (!running || running.id < id) this.cancelled = id
  }

  private endLost(context: CellContext): void {
    if (context.ended) return
    this.cleanUp()
    const error = describeThrown(new Interrupted())
    this.end(context, this.declarations, { status: 'error', error, interrupted: true })
  }

  /** Once; done anew if it was interrupted in its middle. */
  private end(
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
      // Whatever Node's own lazy globals do once their built-ins were replaced (`let Object = 1`): the cell ends.
      this.writer.message({ type: 'end', id, outcome, ...value }, cellId)
    }
    context.ended = true
    this.cells.running = undefined
    this.control.ended(id)
    // The kernel process answers meanwhile; no other cell begins before it is done.
    this.secrets.report()
  }

  private async run(
    { type, script, filename }: Execution,
    context: CellContext,
  ): Promise<EndValue | undefined> {
    context.abort.signal.throwIfAborted()
    const isCell = (): boolean => this.cells.storage.getStore() === context
    // A property of the global object cannot be told from the name itself.
    const isCode = () => !script.usesGlobalObject && isCell() && this.isCode()
    declare(script.declarations, { isCell, isCode, isCellCode: () => this.isCode() })
    const compiled = new Script(script.code, {
      filename,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    let value = this.control.runInterruptibly((): unknown =>
      runInThisContext(compiled, { displayErrors: false }),
    )
    if (script.isAsync) value = unwrap(await value)
    if (script.hasValue && isThenable(value)) value = await settled(value, this.writer)
    await this.finishStarted(context)
    if (context.interrupted || !script.hasValue) return undefined
    if (type === 'evaluate') return { result: await bundleOf(value) }
    const shown = await this.results.take(value, context)
    return shown && !context.interrupted ? { shown } : undefined
  }

  /** Whether a cell's code called what asks this. */
  private isCode(): boolean {
    const caller = getCallSites(CALLER_FRAMES).find(({ scriptName }) => !isOwnFile(scriptName))
    return caller !== undefined && this.cells.isFile(caller.scriptName)
  }

  private async finishStarted(context: CellContext): Promise<void> {
    do {
      while (context.pending.size > 0) await Promise.allSettled(context.pending)
      // Node tells of a rejection that nobody handled once all ticks and microtasks ran, so no shorter wait will do: it shows while its cell is
      // still heard. Costs 0.03 ms a cell. What these ticks start (who reads stdin asks the next line) is the cell's as well.
      await setImmediate()
    } while (context.pending.size > 0)
    if (context.failure) throw context.failure.reason
  }
}

/** `_`, `Out` and what is shown as the cell's result. */
export class Results {
  private readonly out: Record<number, unknown> = {}
  private last: unknown

  constructor() {
    this.define('Out', this.out)
    this.define('_', undefined)
  }

  /** Keeps a cell's value; returns what is shown of it. */
  async take(value: unknown, { options }: CellContext): Promise<DisplayContent | undefined> {
    if (value === undefined || options.silent || isDisplayHandle(value)) return undefined
    if (options.storeHistory) {
      this.out[options.executionCount] = value
      this.define('_', value)
    }
    return bundleOf(value)
  }

  /** A name that users may take for their own: it is then left alone. */
  private define(name: string, value: unknown): void {
    const existing = Reflect.getOwnPropertyDescriptor(realm, name)
    if (name === '_' && existing && !Object.is(existing.value, this.last)) return
    if (name === '_') this.last = value
    Reflect.defineProperty(realm, name, {
      value,
      writable: true,
      enumerable: false,
      configurable: true,
    })
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
  if (types.isPromise(value)) return true
  for (
    let holder = value;
    typeof holder === 'object' && holder !== null && !types.isProxy(holder);
    holder = Reflect.getPrototypeOf(holder)
  ) {
    const descriptor = Reflect.getOwnPropertyDescriptor(holder, 'then')
    if (descriptor) return typeof descriptor.value === 'function'
  }
  return false
}
