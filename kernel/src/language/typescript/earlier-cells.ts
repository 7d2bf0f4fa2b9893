// The cells that ran, as declarations: each is shown to the server once, which tells the types of
// its names; after that only the declarations are kept.
import type { LanguageOptions } from '../language.ts'
import { leftBy } from './declarations.ts'
import type { Declared, Left } from './declarations.ts'
import { TOP } from './layers.ts'
import { Names } from './names.ts'
import { plainCode } from './plain-code.ts'
import { separated } from './separated.ts'
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

type Waiting = Left & { plain: string; tries: number }

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
    if (this.#ran.push(code) > WAITING) {
      this.#ran.shift()
      this.names.isPartial = true
    }
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
      const once = again.filter(({ tries }) => tries < TRIES)
      if (once.length < again.length) this.names.isPartial = true
      this.#waiting.unshift(...once)
      return
    }
  }

  #read(): void {
    for (const code of this.#ran.splice(0)) {
      const plain = separated(plainCode(code, this.#options.magics())).text
      const left = leftBy(plain)
      const isChange = left?.assigned.values().some((name) => this.names.isVariable(name))
      if (left && (left.declared.length > 0 || isChange === true || this.#waiting.length > 0)) {
        this.#waiting.push({ ...left, plain, tries: 0 })
      }
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
    const names = new Set(declared.map(({ name }) => name))
    let text = `${this.names.imports(names, batch.map(({ plain }) => plain).join('\n'))}\n`
    const offsets: number[] = []
    /** Where it is seen at the end of its cell what a variable then holds. */
    const ends = new Map<string, number>()
    for (const cell of batch) {
      for (const one of cell.declared) if ('offset' in one) offsets.push(text.length + one.offset)
      text += `${cell.plain}\n;`
      for (const name of this.#narrowed(cell, declared)) {
        ends.set(name, text.length)
        text += `${name};`
      }
      text += '\n'
    }
    const types = await this.#servers.ask(async (server) => {
      server.write(RAN, text)
      // What was written is seen by the session only once a request has needed it.
      await server.hover(RAN, { line: 0, character: 0 })
      const session = await server.session()
      return session.types(RAN, [...offsets, ...ends.values()])
    })
    if (!types) return false
    if (era !== this.#era) return true
    const written = types.map((type) => this.names.written(type, isOurs))
    const now = [...ends.keys()].map(
      (name, index) => [name, written[offsets.length + index]] as const,
    )
    for (const { sources } of batch) {
      for (const [name, source] of sources) this.names.sources.set(name, source)
    }
    this.names.add(declared, written.slice(0, offsets.length), new Map(now.flatMap(whatIsKnown)))
    await this.#servers.ask(async (server) => {
      for (const [name, document] of Object.entries(this.names.documents)) {
        server.write(name, document)
      }
      server.write(RAN, '')
      return Promise.resolve()
    })
    return true
  }
  /** Names whose type may be less at the end of a cell than what they were declared with. */
  *#narrowed({ declared, assigned }: Left, all: readonly Declared[]): Generator<string> {
    for (const one of declared) {
      if (!('kind' in one) || one.kind === 'function' || assigned.has(one.name)) continue
      // Nobody means that a variable without a value can only be undefined.
      if (one.annotation !== undefined && one.hasValue) yield one.name
    }
    const known = new Map(all.map((one) => [one.name, one]))
    for (const name of assigned) {
      const one = known.get(name)
      const isVariable = one ? 'kind' in one && one.kind === 'let' : this.names.isVariable(name)
      if (isVariable) yield name
    }
  }
}

/** Whether a module is one that only TypeScript sees. */
function isOurs(module: string): boolean {
  const name = module.slice(module.lastIndexOf('/') + 1)
  return name.startsWith(TOP) || `${name}.ts` === RAN
}

/** After a cell that ends nowhere nothing is known. */
function whatIsKnown([name, type]: readonly [string, string | undefined]): Array<[string, string]> {
  return type === undefined || type === 'never' || type === 'any' ? [] : [[name, type]]
}
