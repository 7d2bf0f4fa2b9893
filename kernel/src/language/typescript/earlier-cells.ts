// The cells that ran, as declarations: each is shown to the server once, which tells the types of
// its names; after that only the declarations are kept.
import type { LanguageOptions } from '../language.ts'
import { declarationsOf } from './declarations.ts'
import { NAMES, Names } from './names.ts'
import { documentText } from './places.ts'
import { plainCode } from './plain-code.ts'
import type { Servers } from './servers.ts'

/** The cell that is shown. */
export const RAN = '__jupyterpost_ran.ts'

/** ms without another cell after which types of cells are asked. */
const QUIET = 100
/** Cells that wait for that. */
const WAITING = 500
/** How often a cell is tried again whose types no server lived to tell. */
const TRIES = 5

export class EarlierCells {
  readonly names = new Names()
  readonly #servers: Servers
  readonly #options: LanguageOptions
  #waiting: Array<{ code: string; tries: number }> = []
  #folding: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  /** Counts how often all names were forgotten. */
  #era = 0

  constructor(servers: Servers, options: LanguageOptions) {
    this.#servers = servers
    this.#options = options
  }

  ran(code: string): void {
    if (this.#waiting.push({ code, tries: 0 }) > WAITING) this.#waiting.shift()
    this.#foldSoon()
  }

  forget(): void {
    this.#era += 1
    this.#waiting = []
    this.names.forget()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  /** Without the modules that only TypeScript sees: all names are in one. */
  unqualified(type: string): string {
    const { folder } = this.#options
    return [NAMES, RAN].reduce(
      (text, name) => text.replaceAll(`import("${folder}/${name.replace(/\.ts$/, '')}").`, ''),
      type,
    )
  }

  #foldSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.told(), QUIET).unref()
  }

  /** Resolves when the types of all cells that ran are told; the second call joins the first. */
  told(): Promise<void> {
    clearTimeout(this.#timer)
    this.#folding ??= this.#foldAll().finally(() => {
      this.#folding = undefined
    })
    return this.#folding
  }

  async #foldAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const server = await this.#servers.get()
      const next = this.#waiting.shift()
      if (!next) return
      const isTold = server !== undefined && (await this.#foldOne(next.code))
      if (isTold) continue
      if (next.tries < TRIES) this.#waiting.unshift({ ...next, tries: next.tries + 1 })
      return
    }
  }

  /** False if the server died over it. */
  async #foldOne(code: string): Promise<boolean> {
    const era = this.#era
    const plain = plainCode(code, this.#options.magics)
    const declared = declarationsOf(plain) ?? []
    if (declared.length === 0) return true
    const imports = this.names.imports(new Set(declared.map(({ name }) => name)))
    const offsets = declared.flatMap((one) => ('offset' in one ? [one.offset] : []))
    const types = await this.#servers.ask(async (server) => {
      server.write(RAN, documentText(imports, plain))
      // What was written is seen by the session only once a request has needed it.
      await server.hover(RAN, { line: 0, character: 0 })
      const session = await server.session()
      const at = imports.length + 1
      return session.types(
        RAN,
        offsets.map((offset) => offset + at),
      )
    })
    if (!types) return false
    if (era !== this.#era) return true
    this.names.add(
      declared,
      types.map((type) => this.unqualified(type)),
    )
    await this.#servers.ask(async (server) => {
      server.write(NAMES, this.names.text)
      server.write(RAN, '')
      return Promise.resolve()
    })
    return true
  }
}
