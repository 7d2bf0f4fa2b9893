// Completion and inspection by TypeScript, over virtual documents in the notebook's folder: the
// names of the cells that ran (names.ts), the cell that somebody types, and one that just ran,
// whose types are asked. Where TypeScript has no answer in time, the runtime's values have it.
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { MimeBundle } from '../../protocol/mimebundle.ts'
import type { Completion } from '../../runtime/runtime.ts'
import type { Diagnostic, LanguageOptions, LanguageService } from '../language.ts'
import { Calm } from './calm.ts'
import {
  CONFIGURATION,
  GLOBALS,
  configurationState,
  configurationText,
  globalsText,
  hasOwnOptions,
} from './configuration.ts'
import { declarationsOf } from './declarations.ts'
import { diagnosticsOf } from './diagnostics.ts'
import { EarlierCells, RAN } from './earlier-cells.ts'
import { Files } from './files.ts'
import { bundleOf, helpText } from './help.ts'
import {
  candidatesOf,
  globalMatch,
  isName,
  knownMatch,
  memberMatch,
  nameStart,
  ownFirst,
} from './items.ts'
import type { Candidate, Candidates } from './items.ts'
import type { Position } from './messages.ts'
import { NAMES } from './names.ts'
import { ownNames } from './own-names.ts'
import { documentText, positionOf } from './places.ts'
import { plainCode } from './plain-code.ts'
import { typescriptProgram } from './program.ts'
import { separated } from './separated.ts'
import { TypeScriptServer } from './server.ts'
import { Servers } from './servers.ts'
import { isAfterDot, isFound, isKnown, merged, valueIn } from './values.ts'

const TYPED = '__jupyterpost_cell.ts'
const CHECKED = '__jupyterpost_checked.ts'
const DOCUMENTS = [GLOBALS, NAMES, TYPED, RAN, CHECKED]

/** ms that a person waits for types before values are shown, and if there are none. */
const DEADLINE = 550
const LAST = 3000
/** ms more that an idle runtime has to say what it knows, and one that computes. */
const VALUES_IDLE = 100
const VALUES_BUSY = 3
/** Members whose type is asked for, and globals, whose details cost more. */
const DETAILED = 24
const DETAILED_GLOBALS = 4
/** Cells that wait to be checked; one more is not. */
const UNCHECKED = 200
/** ms without a question after which the program's files are listed. */
const PAUSE = 300
/** UTF-16 units; a longer cell is only looked up in the runtime. */
const LONGEST = 200_000
/** What the file exports become names, types among them. */
const RUNS_FILE = /^[ \t]*%run[ \t]/m
/** Asked before anybody asks: it needs Node's types, ours and the session. */
const FIRST = 'const first = [process.version, display]\nfirst.'

export class Checker implements LanguageService {
  readonly #values: LanguageService
  readonly #options: LanguageOptions
  readonly #servers: Servers
  readonly #earlier: EarlierCells
  /** Of the folder's tsconfig, as the server was told. */
  #configured = ''
  /** Checks and the names of cells, in the order of the cells. */
  #order: Promise<unknown> = Promise.resolve()
  #unchecked = 0
  readonly #calm = new Calm()
  readonly #files: Files
  #reading: NodeJS.Timeout | undefined
  /** One question after the other: each has several requests about the same document. */
  #last: Promise<unknown> = Promise.resolve()
  /** Counts how often all names were forgotten. */
  #era = 0
  #isPageGlobal = false
  /** Whether the folder demands annotations; told by its tsconfig. */
  #isAnnotated = false

  constructor(values: LanguageService, options: LanguageOptions) {
    this.#values = values
    this.#options = options
    this.#servers = new Servers(() => this.#open(), options.log)
    this.#earlier = new EarlierCells(this.#servers, options)
    this.#files = new Files(options.folder)
  }

  /** The first question takes the longest: the program reads Node's types and ours. */
  start(): void {
    void this.#complete(FIRST, FIRST.length)
  }

  /** A cell sees names as they were before it ran. */
  ran(code: string): void {
    const era = this.#era
    const add = (): void => {
      if (era !== this.#era) return
      if (code.length <= LONGEST) this.#earlier.ran(code)
      if (code.length > LONGEST || RUNS_FILE.test(code)) this.#earlier.names.isPartial = true
    }
    if (this.#unchecked === 0) add()
    else this.#order = this.#order.then(add)
  }

  check(code: string, isAwaited: boolean): Promise<Diagnostic[] | undefined> {
    if (isAwaited) this.#calm.hurry()
    else this.#calm.disturb()
    if (this.#unchecked >= UNCHECKED || code.length > LONGEST) return Promise.resolve(undefined)
    this.#unchecked += 1
    const checked = this.#order
      // The reply of a cell that has just ended goes first.
      .then(() => setImmediate())
      .then(() => this.#calm.reached())
      .then(() => this.#check(plainCode(code, this.#options.magics())))
      // A file that this cell runs makes names that nobody knows yet.
      .then((errors) => (RUNS_FILE.test(code) ? errors?.filter(isNoName) : errors))
      .finally(() => (this.#unchecked -= 1))
    this.#order = checked.catch(() => undefined)
    return checked
  }

  async #check(plain: string): Promise<Diagnostic[] | undefined> {
    const code = separated(plain)
    const own = declarationsOf(code.text)
    if (!own) return undefined
    await this.#earlier.told()
    const { names } = this.#earlier
    const found = await this.#servers.ask((server) => {
      this.#configure(server)
      const imports = names.imports(new Set(own.map(({ name }) => name)), plain)
      server.changed(this.#files.look())
      server.write(CHECKED, documentText(imports, code.text))
      return server.diagnose(CHECKED)
    })
    if (!found) return undefined
    const isAnnotated = this.#isAnnotated
    const errors = diagnosticsOf(found, { plain, ...code, isAnnotated }, (name) =>
      names.kindOf(name),
    )
    return names.isPartial ? errors.filter(isNoName) : errors
  }

  forget(): void {
    this.#era += 1
    this.#earlier.forget()
  }

  setPage(isGlobal: boolean): void {
    this.#isPageGlobal = isGlobal
    void this.#servers.ask((server) => {
      server.write(GLOBALS, globalsText(isGlobal))
      return Promise.resolve()
    })
  }

  packagesChanged(folder: string): void {
    this.#files.changed()
    void this.#servers.ask((server) => {
      server.packagesChanged(folder)
      return Promise.resolve()
    })
  }

  close(): Promise<void> {
    clearTimeout(this.#reading)
    this.#earlier.close()
    return this.#servers.close()
  }

  async complete(code: string, cursor: number): Promise<Completion> {
    const values = this.#values.complete(code, cursor)
    // Awaited below only if it is needed; it must not count as unhandled.
    values.catch(() => undefined)
    const types = await this.#inTime(this.#complete(code, cursor), values, isFound)
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
    const types = await this.#inTime(this.#help(plain, cursor), values, isKnown)
    if (types === undefined) return values
    const bundle = await within(values, this.#options.isBusy() ? VALUES_BUSY : VALUES_IDLE)
    // Something else of that name may have been there before this cell declared its own.
    if (ownNames(plain, cursor).size > 0) return bundleOf(types, {})
    const name = detailLevel === 1 ? nameAt(plain, cursor) : undefined
    const source = name === undefined ? undefined : this.#earlier.names.sources.get(name)
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

  async #complete(
    code: string,
    cursor: number,
  ): Promise<(Completion & Pick<Candidates, 'place'>) | undefined> {
    const plain = plainCode(code, this.#options.magics())
    return this.#ask(plain, cursor, async (server, { position, offset }) => {
      const items = await server.complete(TYPED, position)
      const { start, found, place } = candidatesOf(items, plain, cursor)
      const matches = isAfterDot(plain, start)
        ? await this.#members(server, offset, found)
        : await this.#globals(server, found, ownNames(plain, cursor))
      return { matches, start, end: cursor, place }
    })
  }

  async #members(
    server: TypeScriptServer,
    offset: number,
    found: readonly Candidate[],
  ): Promise<Completion['matches']> {
    const candidates = new Map(found.map((one) => [one.item.label, one]))
    const session = await server.session()
    const members = await session.members(TYPED, offset, (all) => {
      const fitting = all.filter(({ name }) => candidates.has(name))
      return new Set(
        ownFirst(fitting)
          .slice(0, DETAILED)
          .map(({ name }) => name),
      )
    })
    const matches = ownFirst(members).flatMap(({ name, type }) => {
      const candidate = candidates.get(name)
      candidates.delete(name)
      return candidate ? [memberMatch(candidate, type)] : []
    })
    return [...matches, ...candidates.values().map((one) => memberMatch(one, undefined))]
  }

  async #globals(
    server: TypeScriptServer,
    found: readonly Candidate[],
    own: ReadonlySet<string>,
  ): Promise<Completion['matches']> {
    const { names } = this.#earlier
    const shownOf = (one: Candidate) =>
      own.has(one.text) || !isName(one) ? undefined : names.shown(one.text)
    const others = found.filter((one) => !shownOf(one))
    const asked = others.slice(0, DETAILED_GLOBALS)
    const items = await Promise.all(asked.map(({ item }) => server.resolve(item)))
    const details = new Map(asked.map(({ text }, index) => [text, items[index]?.detail]))
    return found.map((one) => {
      const shown = shownOf(one)
      return shown
        ? knownMatch(one.text, shown.kind, shown.type)
        : globalMatch(one, details.get(one.text))
    })
  }

  #help(plain: string, cursor: number): Promise<string | undefined> {
    return this.#ask(plain, cursor, async (server, { position }) => {
      const [hover, help] = await Promise.all([
        server.hover(TYPED, position),
        server.signature(TYPED, position),
      ])
      return helpText(hover, help)
    })
  }

  /** About the cell that somebody types. */
  async #ask<Answer>(
    plain: string,
    cursor: number,
    question: (
      server: TypeScriptServer,
      at: { position: Position; offset: number },
    ) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    if (plain.length > LONGEST) return undefined
    const ask = async (): Promise<Answer | undefined> => {
      this.#calm.hurry()
      await this.#order
      await this.#earlier.told()
      return this.#servers.ask((server) => {
        const code = separated(plain)
        const at = code.inText(cursor)
        const imports = this.#earlier.names.imports(ownNames(code.text, at), plain)
        server.changed(this.#files.look())
        server.write(TYPED, documentText(imports, code.text))
        const position = positionOf(code.text, at)
        return question(server, { position, offset: imports.length + 1 + at })
      })
    }
    const answer = this.#inTurn(ask)
    clearTimeout(this.#reading)
    this.#reading = setTimeout(() => void this.#inTurn(() => this.#readFiles()), PAUSE).unref()
    return answer
  }

  #inTurn<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#last.then(ask)
    // The next one is asked also if this one fails.
    this.#last = answer.catch(() => undefined)
    return answer
  }

  /** Which files the program has by now. */
  async #readFiles(): Promise<void> {
    const paths = await this.#servers.ask(async (server) => (await server.session()).files(TYPED))
    if (paths) this.#files.read(paths)
  }

  /** The folder's tsconfig may have been written since. */
  #configure(server: TypeScriptServer): void {
    const { folder, log } = this.#options
    const state = configurationState(folder)
    if (state === this.#configured) return
    this.#configured = state
    this.#isAnnotated = hasOwnOptions(folder)
    const text = configurationText(folder, DOCUMENTS, log)
    server.configure(CONFIGURATION, text, [join(folder, 'tsconfig.json')])
  }

  async #open(): Promise<TypeScriptServer> {
    const { folder, log } = this.#options
    this.#configured = configurationState(folder)
    this.#isAnnotated = hasOwnOptions(folder)
    const server = new TypeScriptServer({
      program: typescriptProgram(),
      folder,
      configuration: CONFIGURATION,
      documents: {
        [CONFIGURATION]: configurationText(folder, DOCUMENTS, log),
        [GLOBALS]: globalsText(this.#isPageGlobal),
        ...this.#earlier.names.documents,
        [TYPED]: '',
        [RAN]: '',
        [CHECKED]: '',
      },
      cells: [TYPED, RAN, CHECKED],
    })
    return Promise.resolve(server)
  }
}

function isNoName({ name }: Diagnostic): boolean {
  return name === undefined
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
