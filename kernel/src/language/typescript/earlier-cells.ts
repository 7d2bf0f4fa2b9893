// The cells that ran, as declarations: each is shown to the server once, which tells the types of
// its names; after that only the declarations are kept.
import type { LanguageOptions } from '../language.ts'
import { declarationsOf } from './declarations.ts'
import type { Declared } from './declarations.ts'
import { NAMES, Names } from './names.ts'
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

/** Cells shown at once. */
const BATCH = 25

interface Waiting {
  plain: string
  declared: Declared[]
  tries: number
}

export class EarlierCells {
  readonly names = new Names()
  readonly #servers: Servers
  readonly #options: LanguageOptions
  /** Not looked at yet: their replies wait to be sent. */
  #ran: string[] = []
  #waiting: Waiting[] = []
  #folding: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  /** Counts how often all names were forgotten. */
  #era = 0

  constructor(servers: Servers, options: LanguageOptions) {
    this.#servers = servers
    this.#options = options
  }

  ran(code: string): void {
    if (this.#ran.push(code) > WAITING) this.#ran.shift()
    this.#foldSoon()
  }

  forget(): void {
    this.#era += 1
    this.#ran = []
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
    while (this.#ran.length + this.#waiting.length > 0) {
      this.#read()
      const server = await this.#servers.get()
      const batch = this.#nextBatch()
      if (batch.length === 0) return
      const isTold = server !== undefined && (await this.#foldBatch(batch))
      if (isTold) continue
      const again = batch.map((cell) => ({ ...cell, tries: cell.tries + 1 }))
      this.#waiting.unshift(...again.filter(({ tries }) => tries < TRIES))
      return
    }
  }

  #read(): void {
    for (const code of this.#ran.splice(0)) {
      const plain = plainCode(code, this.#options.magics())
      const declared = declarationsOf(plain) ?? []
      if (declared.length > 0) this.#waiting.push({ plain, declared, tries: 0 })
    }
  }

  /**
   * Cells that can be shown as one: they declare no name anew, which an earlier cell of the batch
   * may mean as it was. One that was tried before may be what ends servers: it is shown alone.
   */
  #nextBatch(): Waiting[] {
    const batch: Waiting[] = []
    const texts = new Map<string, string | undefined>()
    const isAnew = (one: Declared): boolean => {
      const known = texts.get(one.name) ?? this.names.declaration(one.name)
      const isKnown = texts.has(one.name) || known !== undefined
      // The same import in every cell is the usual case.
      return isKnown && !('text' in one && one.text === known)
    }
    for (const cell of this.#waiting.slice(0, BATCH)) {
      const isAlone = cell.tries > 0 || cell.declared.some(isAnew)
      if (isAlone && batch.length > 0) break
      batch.push(cell)
      for (const one of cell.declared) texts.set(one.name, 'text' in one ? one.text : undefined)
      if (isAlone) break
    }
    this.#waiting.splice(0, batch.length)
    return batch
  }

  /** False if the server died over it. */
  async #foldBatch(batch: readonly Waiting[]): Promise<boolean> {
    const era = this.#era
    const declared = batch.flatMap((cell) => cell.declared)
    const imports = this.names.imports(new Set(declared.map(({ name }) => name)))
    let text = `${imports}\n`
    const offsets: number[] = []
    for (const cell of batch) {
      for (const one of cell.declared) if ('offset' in one) offsets.push(text.length + one.offset)
      text += `${cell.plain}\n;\n`
    }
    const types = await this.#servers.ask(async (server) => {
      server.write(RAN, text)
      // What was written is seen by the session only once a request has needed it.
      await server.hover(RAN, { line: 0, character: 0 })
      const session = await server.session()
      return session.types(RAN, offsets)
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
