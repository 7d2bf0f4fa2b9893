// Completion and inspection by TypeScript (questions.ts) beside the runtime's values, which have
// the answer where TypeScript has none in time; and the type errors of cells (cell-checks.ts).
import type { MimeBundle } from '../../protocol/mimebundle.ts'
import type { Completion } from '../../runtime/runtime.ts'
import type { Diagnostic, LanguageOptions, LanguageService } from '../language.ts'
import { CellChecks } from './cell-checks.ts'
import { bundleOf } from './help.ts'
import { nameStart } from './items.ts'
import { ownNames } from './own-names.ts'
import { plainCode } from './plain-code.ts'
import { Questions } from './questions.ts'
import { isAfterDot, isFound, isKnown, merged, valueIn } from './values.ts'
import { Workspace } from './workspace.ts'

/** ms that a person waits for types before values are shown, and if there are none. */
const DEADLINE = 550
const LAST = 3000
/** ms more that an idle runtime has to say what it knows, and one that computes. */
const VALUES_IDLE = 100
const VALUES_BUSY = 3
/** Asked before anybody asks: it needs Node's types, ours and the session. */
const FIRST = 'const first = [process.version, display]\nfirst.'

export class Checker implements LanguageService {
  readonly #values: LanguageService
  readonly #options: LanguageOptions
  readonly #workspace: Workspace
  readonly #checks: CellChecks
  readonly #questions: Questions

  constructor(values: LanguageService, options: LanguageOptions) {
    this.#values = values
    this.#options = options
    this.#workspace = new Workspace(options)
    this.#checks = new CellChecks(this.#workspace, options)
    this.#questions = new Questions(this.#workspace, this.#checks, options)
  }

  /** The first question takes the longest: the program reads Node's types and ours. */
  start(): void {
    void this.#questions.complete(FIRST, FIRST.length)
  }

  ran(code: string): void {
    this.#checks.ran(code)
  }

  check(code: string, isAwaited: boolean): Promise<Diagnostic[] | undefined> {
    return this.#checks.check(code, isAwaited)
  }

  forget(): void {
    this.#checks.forget()
  }

  setPage(isGlobal: boolean): void {
    this.#workspace.setPage(isGlobal)
  }

  packagesChanged(folder: string): void {
    this.#workspace.packagesChanged(folder)
  }

  close(): Promise<void> {
    this.#questions.close()
    return this.#workspace.close()
  }

  async complete(code: string, cursor: number): Promise<Completion> {
    const values = this.#values.complete(code, cursor)
    // Awaited below only if it is needed; it must not count as unhandled.
    values.catch(() => undefined)
    const types = await this.#inTime(this.#questions.complete(code, cursor), values, isFound)
    if (!types) return values
    if (types.place !== 'scope') {
      // The runtime may have members that nobody declared; elsewhere the checker is right.
      return types.matches.length === 0 && isAfterDot(code, types.start) ? values : types
    }
    return merged(types, await within(values, this.#options.isBusy() ? VALUES_BUSY : VALUES_IDLE))
  }

  async inspect(code: string, cursor: number, detailLevel: 0 | 1): Promise<MimeBundle | undefined> {
    const values = this.#values.inspect(code, cursor, detailLevel)
    values.catch(() => undefined)
    const plain = plainCode(code, this.#options.magics())
    const types = await this.#inTime(this.#questions.help(plain, cursor), values, isKnown)
    if (types === undefined) return values
    const bundle = await within(values, this.#options.isBusy() ? VALUES_BUSY : VALUES_IDLE)
    // Something else of that name may have been there before this cell declared its own.
    if (ownNames(plain, cursor).size > 0) return bundleOf(types, {})
    const name = detailLevel === 1 ? nameAt(plain, cursor) : undefined
    const source = name === undefined ? undefined : this.#workspace.earlier.names.sources.get(name)
    const value = valueIn(bundle, source === undefined ? undefined : name)
    return bundleOf(types, { source, value })
  }

  /** Where the runtime knows nothing there is more time: nobody would choose nothing. */
  async #inTime<Types, Values>(
    types: Promise<Types>,
    values: Promise<Values>,
    isAnswer: (values: Values) => boolean,
  ): Promise<Types | undefined> {
    const soon = await within(types, DEADLINE)
    if (soon !== undefined || isAnswer(await values)) return soon
    return within(types, LAST - DEADLINE)
  }
}

/** Undefined if it takes longer. */
async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  try {
    return await Promise.race([promise, over])
  } finally {
    clearTimeout(timer)
  }
}

/** The name that the cursor is on, unless it is a member's. */
function nameAt(code: string, cursor: number): string | undefined {
  const start = nameStart(code, cursor)
  if (isAfterDot(code, start)) return undefined
  const rest = /^[\p{ID_Continue}$]*/u.exec(code.slice(cursor, cursor + 500))?.[0] ?? ''
  return code.slice(start, cursor) + rest
}
