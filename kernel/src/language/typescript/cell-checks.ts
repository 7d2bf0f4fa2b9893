// Type errors of cells, and the order in which cells are known: a cell is checked with the names as
// they were before it ran.
import { setImmediate } from 'node:timers/promises'
import type { Diagnostic, LanguageOptions } from '../language.ts'
import { Calm } from './calm.ts'
import { declarationsOf } from './declarations.ts'
import { diagnosticsOf } from './diagnostics.ts'
import { documentText } from './places.ts'
import { LONGEST, plainCode } from './plain-code.ts'
import { separated } from './separated.ts'
import { CHECKED } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** Cells that wait to be checked; one more is not. */
const UNCHECKED = 200
/** What the file exports become names, types among them. */
const RUNS_FILE = /^[ \t]*%run[ \t]/m

export class CellChecks {
  readonly #workspace: Workspace
  readonly #magics: LanguageOptions['magics']
  readonly #calm = new Calm()
  /** Checks and the names of cells, in the order of the cells. */
  #order: Promise<unknown> = Promise.resolve()
  #unchecked = 0
  /** Counts how often all names were forgotten. */
  #era = 0

  constructor(workspace: Workspace, { magics }: Pick<LanguageOptions, 'magics'>) {
    this.#workspace = workspace
    this.#magics = magics
  }

  /** Resolves when all cells that ran before this call are checked, now without a pause. */
  async done(): Promise<void> {
    this.#calm.hurry()
    await this.#order
  }

  /** A cell sees names as they were before it ran. */
  ran(code: string): void {
    const era = this.#era
    const add = (): void => {
      if (era !== this.#era) return
      if (code.length <= LONGEST) this.#workspace.earlier.ran(code)
      if (code.length > LONGEST || RUNS_FILE.test(code))
        this.#workspace.earlier.names.isPartial = true
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
      .then(() => this.#check(plainCode(code, this.#magics())))
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
    const { earlier, servers, files } = this.#workspace
    await earlier.told()
    const { names } = earlier
    const found = await servers.ask((server) => {
      this.#workspace.configure(server)
      const imports = names.imports(new Set(own.map(({ name }) => name)), plain)
      server.changed(files.look())
      server.write(CHECKED, documentText(imports, code.text))
      return server.diagnose(CHECKED)
    })
    if (!found) return undefined
    const isAnnotated = this.#workspace.isAnnotated
    const errors = diagnosticsOf(found, { plain, ...code, isAnnotated }, (name) =>
      names.kindOf(name),
    )
    return names.isPartial ? errors.filter(isNoName) : errors
  }

  forget(): void {
    this.#era += 1
    this.#workspace.earlier.forget()
  }
}

function isNoName({ name }: Diagnostic): boolean {
  return name === undefined
}
