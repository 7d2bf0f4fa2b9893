// Completion and inspection by TypeScript, over virtual documents in the notebook's folder: the
// names of the cells that ran (names.ts), the cell that somebody types, and one that just ran,
// whose types are asked. Where TypeScript has no answer in time, the runtime's values have it.
import type { MimeBundle } from '../../protocol/mimebundle.ts'
import type { Completion } from '../../runtime/runtime.ts'
import type { LanguageOptions, LanguageService } from '../language.ts'
import { CONFIGURATION, GLOBALS, configurationText, globalsText } from './configuration.ts'
import { EarlierCells, RAN } from './earlier-cells.ts'
import { Files } from './files.ts'
import { bundleOf, helpText } from './help.ts'
import { candidatesOf, globalMatch, knownMatch, memberMatch, ownFirst } from './items.ts'
import type { Candidate } from './items.ts'
import { NAMES } from './names.ts'
import { ownNames } from './own-names.ts'
import { documentText, positionOf } from './places.ts'
import { plainCode } from './plain-code.ts'
import { typescriptProgram } from './program.ts'
import { TypeScriptServer } from './server.ts'
import { Servers } from './servers.ts'
import { isAfterDot, isFound, isKnown, isVariable, merged, valueIn } from './values.ts'

const TYPED = '__jupyterpost_cell.ts'

/** ms that a person waits for types before values are shown, and if there are none. */
const DEADLINE = 550
const LAST = 3000
/** ms more that an idle runtime has to say what it knows, and one that computes. */
const VALUES_IDLE = 100
const VALUES_BUSY = 3
/** Members whose type is asked for, and globals, whose details cost more. */
const DETAILED = 24
const DETAILED_GLOBALS = 4
/** ms without a question after which the program's files are listed. */
const PAUSE = 300
/** UTF-16 units; a longer cell is only looked up in the runtime. */
const LONGEST = 200_000
/** Asked before anybody asks: it needs Node's types, ours and the session. */
const FIRST = 'const first = [process.version, display]\nfirst.'

export class Checker implements LanguageService {
  readonly #values: LanguageService
  readonly #options: LanguageOptions
  readonly #servers: Servers
  readonly #earlier: EarlierCells
  readonly #files: Files
  #reading: NodeJS.Timeout | undefined
  /** One question after the other: each has several requests about the same document. */
  #last: Promise<unknown> = Promise.resolve()

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

  ran(code: string): void {
    if (code.length <= LONGEST) this.#earlier.ran(code)
  }

  filesChanged(): void {
    this.#files.changed()
  }

  forget(): void {
    this.#earlier.forget()
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
    if (!types || types.matches.length === 0) return values
    if (!isVariable(code, types.start)) return types
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
    return bundleOf(types, ownNames(plain, cursor).size === 0 ? valueIn(bundle) : undefined)
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

  async #complete(code: string, cursor: number): Promise<Completion | undefined> {
    const plain = plainCode(code, this.#options.magics())
    const position = positionOf(plain, cursor)
    return this.#ask(plain, cursor, async (server, offset) => {
      const { start, found } = candidatesOf(await server.complete(TYPED, position), plain, cursor)
      const matches = isAfterDot(plain, start)
        ? await this.#members(server, offset, found)
        : await this.#globals(server, found, ownNames(plain, cursor))
      return { matches, start, end: cursor }
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
      return candidate ? [memberMatch(candidate, type && this.#earlier.unqualified(type))] : []
    })
    return [...matches, ...candidates.values().map((one) => memberMatch(one, undefined))]
  }

  async #globals(
    server: TypeScriptServer,
    found: readonly Candidate[],
    own: ReadonlySet<string>,
  ): Promise<Completion['matches']> {
    const { names } = this.#earlier
    const others = found.filter(({ text }) => own.has(text) || !names.shown(text))
    const asked = others.slice(0, DETAILED_GLOBALS)
    const items = await Promise.all(asked.map(({ item }) => server.resolve(item)))
    const details = new Map(asked.map(({ text }, index) => [text, items[index]?.detail]))
    return found.map((one) => {
      const shown = own.has(one.text) ? undefined : names.shown(one.text)
      return shown
        ? knownMatch(one.text, shown.kind, shown.type)
        : globalMatch(one, details.get(one.text))
    })
  }

  #help(plain: string, cursor: number): Promise<string | undefined> {
    const position = positionOf(plain, cursor)
    return this.#ask(plain, cursor, async (server) => {
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
    question: (server: TypeScriptServer, offset: number) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    if (plain.length > LONGEST) return undefined
    const ask = async (): Promise<Answer | undefined> => {
      await this.#earlier.told()
      return this.#servers.ask((server) => {
        const imports = this.#earlier.names.imports(ownNames(plain, cursor))
        server.changed(this.#files.look())
        server.write(TYPED, documentText(imports, plain))
        return question(server, imports.length + 1 + cursor)
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

  async #open(): Promise<TypeScriptServer> {
    const { folder, log } = this.#options
    const documents = [GLOBALS, NAMES, TYPED, RAN]
    const server = new TypeScriptServer({
      program: typescriptProgram(),
      folder,
      configuration: CONFIGURATION,
      documents: {
        [CONFIGURATION]: configurationText(folder, documents, log),
        [GLOBALS]: globalsText(),
        [NAMES]: this.#earlier.names.text,
        [TYPED]: '',
        [RAN]: '',
      },
    })
    return Promise.resolve(server)
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
