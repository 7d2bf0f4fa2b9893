// When a cell's types are checked, and what becomes of its errors: shown below it after its reply,
// or the reason why it does not run. A check never delays a cell or its reply, except under
// `%types error`.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Iopub } from '../channels/channels.ts'
import type { Log } from '../channels/log.ts'
import type { Diagnostic, TypedLanguageService } from '../language/language.ts'
import type { TypesSetting } from '../magics/index.ts'
import { errorContent } from '../protocol/error-content.ts'
import { isObject } from '../protocol/json.ts'
import type { Outcome, Runtime } from '../runtime/runtime.ts'
import { typeErrorContent, typeWarning } from '../runtime/type-errors.ts'
import type { Cell } from './cells.ts'

/**
 * ms that ends of cells may wait for their errors, all together, and the part of the time in which
 * cells ran that is added. A notebook must not run longer because its types are checked; errors
 * that come later are shown below their cell, but a program such as nbclient no longer hears them.
 */
const HOLD = 1000
const HELD_PART = 0.05
/**
 * ms, below the 4 s after which nbclient gives up. So long the first cells wait in addition, until
 * the checker has started: it does so once.
 */
const LONGEST_HOLD = 3500
/** ms; less is not worth the wait. */
const SHORTEST_HOLD = 50
/** ms; the types of a cell that runs longer are checked beside it. */
const SHORT_CELL = 20
/** ms that a cell waits under `%types error`, and one that comes before the checker has started. */
const LONGEST = 3000
const LONGEST_FIRST = 10_000
/** ms that the runtime has to know a name. */
const LOOK = 500
/** Names and modules of one cell that the runtime is asked for. */
const ASKED = 20

export interface CellTypesOptions {
  setting: TypesSetting
  /** Of the notebook. */
  folder: string
  env: NodeJS.ProcessEnv
  runtime: Pick<Runtime, 'complete'>
  language: Pick<TypedLanguageService, 'start' | 'check'>
  iopub: Pick<Iopub, 'stream' | 'flush'>
  log: Log
}

/** Of a cell that runs, or whose errors are not shown yet. */
interface Check {
  ask: (isAwaited: boolean) => Promise<Diagnostic[] | undefined>
  /** By `performance.now()`. */
  began: number
}

export class CellTypes {
  readonly #options: CellTypesOptions
  readonly #isPlain: boolean
  /** By id; those that ran and whose errors are not shown yet. */
  readonly #checks = new Map<string, Check>()
  /** ms that ends of cells may still wait. */
  #hold = LONGEST_HOLD
  /** Whether the checker has answered. */
  #isStarted = false

  constructor(options: CellTypesOptions) {
    this.#options = options
    this.#isPlain = (options.env['NO_COLOR'] ?? '') !== ''
  }

  /** Why a cell that compiled does not run. */
  async refusal(cell: Cell, code: string): Promise<Outcome | undefined> {
    const { setting, language, iopub } = this.#options
    if (setting.mode !== 'error' || !isAsked(cell)) return undefined
    language.start()
    const found = await within(
      this.#told(errorsOf(language.check(code, true), this.#options)),
      this.#isStarted ? LONGEST : LONGEST_FIRST,
    )
    if (found !== undefined) this.#answered()
    if (found === undefined) {
      iopub.stream(
        'stderr',
        'The types of this cell could not be checked: it runs.\n',
        cell.request,
      )
      return undefined
    }
    if (found.length === 0) return undefined
    return { status: 'error', error: typeErrorContent(found, textOf(cell)), interrupted: false }
  }

  /** A cell has just begun to run. */
  begin(cell: Cell, code: string): void {
    const { setting, language } = this.#options
    if (setting.mode !== 'warn' || !isAsked(cell)) return
    let check: Promise<Diagnostic[] | undefined> | undefined
    const ask = (isAwaited: boolean) => (check ??= this.#told(language.check(code, isAwaited)))
    // What reads a short cell would delay its reply.
    setTimeout(() => {
      if (this.#checks.has(cell.id)) void ask(true)
    }, SHORT_CELL).unref()
    this.#checks.set(cell.id, { ask, began: performance.now() })
  }

  /**
   * A cell has ended. Resolves once its errors are shown; if that takes long, they come later.
   * Undefined if there is nothing to wait for.
   */
  show(cell: Cell): Promise<void> | undefined {
    const check = this.#checks.get(cell.id)
    if (!check) return undefined
    this.#checks.delete(cell.id)
    const ran = performance.now() - check.began
    this.#hold = Math.min(this.#hold + ran * HELD_PART, LONGEST_HOLD)
    // The reply goes out first; a kernel that waits for its next cell is idle.
    this.#options.language.start()
    const isHeld = this.#hold >= SHORTEST_HOLD
    const shown = this.#told(this.#shown(cell, check.ask(isHeld)))
    return isHeld ? this.#held(shown) : undefined
  }

  /** Resolves to true once its errors are shown. */
  async #shown(cell: Cell, check: Promise<Diagnostic[] | undefined>): Promise<true> {
    const errors = await errorsOf(check, this.#options)
    if (errors !== undefined && errors.length > 0) {
      // Not a part of the cell's output: never captured.
      const text = typeWarning(errors, textOf(cell), this.#isPlain)
      this.#options.iopub.stream('stderr', text, cell.request)
      // Text is gathered for a while, but nothing comes after this.
      this.#options.iopub.flush(cell.request)
    }
    return true
  }

  /** A check that fails is a mistake of ours; the cell goes on without it. */
  async #told<Value>(check: Promise<Value>): Promise<Value | undefined> {
    try {
      return await check
    } catch (error) {
      // Its message may have text of the cell.
      const frame = Error.isError(error) ? /^ +at .*$/m.exec(error.stack ?? '')?.[0] : undefined
      const { ename } = errorContent(error)
      this.#options.log(
        `the types of a cell could not be checked: ${ename}${frame?.slice(3) ?? ''}`,
      )
      return undefined
    }
  }

  async #held(shown: Promise<true | undefined>): Promise<void> {
    const since = performance.now()
    const isShown = await within(shown, this.#hold)
    this.#hold = Math.max(this.#hold - (performance.now() - since), 0)
    if (isShown === true) this.#answered()
  }

  /** What it took to start does not count. */
  #answered(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#hold = HOLD
  }
}

/** Cells that a program runs in the background are not checked. */
function isAsked({ content }: Cell): boolean {
  return content.store_history && !content.silent
}

function textOf({ executionCount, content }: Cell) {
  return { executionCount, source: content.code }
}

/** Without what is no error because the runtime knows better. */
async function errorsOf(
  check: Promise<Diagnostic[] | undefined>,
  { runtime, folder }: CellTypesOptions,
): Promise<Diagnostic[] | undefined> {
  const found = await check
  if (!found) return undefined
  const unknown = new Set(found.flatMap(({ name }) => (name === undefined ? [] : [name])))
  const known = new Set<string>([...unknown].slice(ASKED))
  for (const name of [...unknown].slice(0, ASKED)) {
    const answer = await within(runtime.complete(name, name.length), LOOK)
    // One that computes cannot say.
    if (!answer || answer.matches.some(({ text }) => text === name)) known.add(name)
  }
  return found.filter(
    ({ name, module }) =>
      (name === undefined || !known.has(name)) &&
      (module === undefined || !isFound(module, folder)),
  )
}

function isFound(module: string, folder: string): boolean {
  const isPath = module.startsWith('.') || module.startsWith('/')
  if (isPath && existsSync(resolve(folder, module))) return true
  try {
    createRequire(resolve(folder, 'cell.js')).resolve(module)
    return true
  } catch (error) {
    // Other errors: it is there, but not for `require`.
    return isObject(error) ? error['code'] !== 'MODULE_NOT_FOUND' : true
  }
}

/** Undefined if it takes longer, or fails. */
async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  const over = new AbortController()
  try {
    return await Promise.race([promise, delay(ms, undefined, { signal: over.signal })])
  } catch (error) {
    if (!Error.isError(error)) throw error
    return undefined
  } finally {
    over.abort()
  }
}
