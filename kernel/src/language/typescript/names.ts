// The names of earlier cells with their types, as one virtual module that each cell seems to import
// from. A name that is declared again replaces the one before.
import type { Declared } from './declarations.ts'
import { declarationText } from './folding.ts'

export const NAMES = '__jupyterpost_names.ts'

/** Names kept; of older ones only their values are known. */
const MOST = 2000
/** UTF-16 units of all declarations together. */
const LARGEST = 1_000_000

interface Shown {
  kind: string | undefined
  type: string | undefined
}

export class Names {
  /** Name -> its declaration, the newest last. */
  readonly #texts = new Map<string, string>()
  readonly #shown = new Map<string, Shown>()
  #size = 0

  /** @param types - Of those names that have an offset, in their order. */
  add(declared: readonly Declared[], types: readonly string[]): void {
    const rest = [...types]
    const texts = new Map<string, string>()
    for (const one of declared) {
      const type = 'text' in one ? undefined : (rest.shift() ?? 'any')
      const text = 'text' in one ? one.text : declarationText({ ...one, type: type ?? 'any' })
      this.#shown.set(one.name, shownOf(one, type))
      const before = texts.get(one.name)
      // An interface may be declared in parts, a function by overloads, which have one type.
      if (before === undefined) texts.set(one.name, text)
      else if (before !== text) texts.set(one.name, `${before}\n${text}`)
    }
    for (const [name, text] of texts) this.#set(name, text)
  }

  /** The module. */
  get text(): string {
    return `export {}\n${[...this.#texts.values()].join('\n')}\n`
  }

  /** One line that imports all names but those that a cell declares itself. */
  imports(own: ReadonlySet<string>): string {
    const names = [...this.#texts.keys()].filter((name) => !own.has(name))
    const list =
      names.length === 0 ? '' : `import { ${names.join(', ')} } from './${moduleOf(NAMES)}'; `
    // What follows an import directly is taken for a part of it.
    return `${list}export {};`
  }

  declaration(name: string): string | undefined {
    return this.#texts.get(name)
  }

  /** What is known of a name without asking; undefined of one that is imported or none of ours. */
  shown(name: string): { kind: string; type: string | undefined } | undefined {
    const shown = this.#shown.get(name)
    return shown?.kind === undefined ? undefined : { kind: shown.kind, type: shown.type }
  }

  forget(): void {
    this.#texts.clear()
    this.#shown.clear()
    this.#size = 0
  }

  #set(name: string, text: string): void {
    this.#delete(name)
    if (text.length > LARGEST) return
    this.#texts.set(name, text)
    this.#size += text.length
    while (this.#texts.size > MOST || this.#size > LARGEST) {
      const [oldest] = this.#texts.keys()
      if (oldest === undefined) return
      this.#delete(oldest)
      this.#shown.delete(oldest)
    }
  }

  #delete(name: string): void {
    this.#size -= this.#texts.get(name)?.length ?? 0
    this.#texts.delete(name)
  }
}

function shownOf(one: Declared, type: string | undefined): Shown {
  if ('text' in one) return { kind: one.shown, type: undefined }
  return { kind: one.kind === 'function' ? 'function' : 'instance', type }
}

/** What an import of a document is written with. */
function moduleOf(document: string): string {
  return document.replace(/\.ts$/, '')
}
