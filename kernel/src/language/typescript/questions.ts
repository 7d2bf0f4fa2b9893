// What is asked about the cell that somebody types, one question after the other: each has several
// requests about the same document.
import type { Completion } from '../../runtime/runtime.ts'
import type { LanguageOptions } from '../language.ts'
import type { CellChecks } from './cell-checks.ts'
import { helpText } from './help.ts'
import { candidatesOf, globalMatch, isName, knownMatch, memberMatch, ownFirst } from './items.ts'
import type { Candidate, Candidates } from './items.ts'
import type { Position } from './messages.ts'
import { ownNames } from './own-names.ts'
import { documentText, positionOf } from './places.ts'
import { LONGEST, plainCode } from './plain-code.ts'
import { separated } from './separated.ts'
import type { TypeScriptServer } from './server.ts'
import { isAfterDot } from './values.ts'
import { TYPED } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** Members whose type is asked for, and globals, whose details cost more. */
const DETAILED = 24
const DETAILED_GLOBALS = 4
/** ms without a question after which the program's files are listed. */
const PAUSE = 300

export class Questions {
  readonly #workspace: Workspace
  readonly #checks: CellChecks
  readonly #magics: LanguageOptions['magics']
  #reading: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    workspace: Workspace,
    checks: CellChecks,
    { magics }: Pick<LanguageOptions, 'magics'>,
  ) {
    this.#workspace = workspace
    this.#checks = checks
    this.#magics = magics
  }

  close(): void {
    clearTimeout(this.#reading)
  }

  /** Undefined if TypeScript has no answer. */
  async complete(
    code: string,
    cursor: number,
  ): Promise<(Completion & Pick<Candidates, 'place'>) | undefined> {
    const plain = plainCode(code, this.#magics())
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
    const { names } = this.#workspace.earlier
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

  /** @param plain - As for the compiler. */
  help(plain: string, cursor: number): Promise<string | undefined> {
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
      await this.#checks.done()
      await this.#workspace.earlier.told()
      return this.#workspace.servers.ask((server) => {
        const code = separated(plain)
        const at = code.inText(cursor)
        const imports = this.#workspace.earlier.names.imports(ownNames(code.text, at), plain)
        server.changed(this.#workspace.files.look())
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
    const paths = await this.#workspace.servers.ask(async (server) =>
      (await server.session()).files(TYPED),
    )
    if (paths) this.#workspace.files.read(paths)
  }
}
