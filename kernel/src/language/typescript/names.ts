// The names of earlier cells with their types, as one virtual module that each cell seems to import
// from. A name that is declared again replaces the one before: all of it, or only what it means as
// a type or as a value. What else refers to the one before still means that one: layers.ts.
import { declarationText } from './folding.ts'
import type { Asked, Declared } from './declarations.ts'
import { Layers, TOP, importOf } from './layers.ts'
import type { Entry } from './layers.ts'
import { Sources } from './sources.ts'
import { wordsOf } from './words.ts'

export const NAMES = `${TOP}.ts`

/** Names kept; of older ones only their values are known. */
const MOST = 2000
/** UTF-16 units of all declarations together. */
const LARGEST = 1_000_000
/** What a `let` holds now, which may be less than it may hold. */
const NOW = '__jupyterpost_now_'

interface Shown {
  kind: string | undefined
  type: string | undefined
}

export class Names {
  readonly sources = new Sources()
  /** Some cells' names are not here. */
  isPartial = false
  readonly #layers = new Layers()
  readonly #shown = new Map<string, Shown>()
  /** Variables that cells may assign, with their JSDoc. */
  readonly #variables = new Map<string, { comment: string; now: string | undefined }>()

  /** @param types - Of those names that have an offset, in their order. */
  add(
    declared: readonly Declared[],
    types: readonly string[],
    now: ReadonlyMap<string, string> = new Map(),
  ): void {
    const rest = [...types]
    const entries = new Map<string, Entry>()
    for (const one of declared) {
      const type = 'text' in one ? undefined : (rest.shift() ?? 'any')
      const text = 'text' in one ? one.text : textOf(one, type ?? 'any', now.get(one.name))
      this.#shown.set(one.name, shownOf(one, type))
      if ('kind' in one && one.kind === 'let') {
        this.#variables.set(one.name, { comment: flat(one.comment), now: undefined })
      } else this.#variables.delete(one.name)
      const meaning = 'text' in one ? one.meaning : 'value'
      const before = entries.get(one.name) ?? []
      // An interface may be declared in parts, a function by overloads.
      if (!before.some((piece) => piece.text === text)) {
        entries.set(one.name, [...before, { text, meaning, words: wordsOf(text) }])
      }
    }
    this.#layers.declare(entries)
    for (const [name, type] of now) {
      this.#narrow(name, type === this.#shown.get(name)?.type ? undefined : type)
    }
    this.#forgetOldest()
  }

  /** The modules: the one that cells import from is the last. */
  get documents(): Record<string, string> {
    const now = this.#variables
      .entries()
      .flatMap(([name, { now: type }]) =>
        type === undefined ? [] : [`export declare const ${NOW}${name}: ${type}`],
      )
    const ofTop = [...now].join('\n')
    return Object.fromEntries(
      this.#layers
        .texts()
        .map(({ name, text }) => [
          `${name}.ts`,
          `export {}\n${text}\n${name === TOP ? ofTop : ''}\n`,
        ]),
    )
  }

  /** One line that imports all names but those that a cell declares itself. */
  imports(own: ReadonlySet<string>, code: string): string {
    const words = this.#variables.size === 0 ? new Set<string>() : wordsOf(code)
    const isVariable = (name: string): boolean =>
      this.#variables.has(name) && words.has(name) && !this.#isAlsoType(name)
    const names = [...this.#layers.names()].filter((name) => !own.has(name))
    const imported = names.filter((name) => !isVariable(name))
    const list = imported.length === 0 ? '' : `import { ${imported.join(', ')} } from './${TOP}'; `
    const variables = names.filter(isVariable).map((name) => this.#variable(name))
    // What follows an import directly is taken for a part of it.
    return `${list}export {}; ${variables.join('')}`.trimEnd()
  }

  declaration(name: string): string | undefined {
    return this.#layers
      .entry(name)
      ?.map(({ text }) => text)
      .join('\n')
  }

  /** Whether cells may assign it. */
  isVariable(name: string): boolean {
    return this.#variables.has(name)
  }

  /** What cannot be assigned, as an error says it. */
  kindOf(name: string): 'constant' | 'function' | 'class' | 'enum' | undefined {
    const { kind } = this.shown(name) ?? {}
    if (kind === 'function' || kind === 'enum') return kind
    if (kind === 'class') return this.declaration(name)?.includes('class') ? kind : undefined
    return kind === 'instance' ? 'constant' : undefined
  }

  /** What is known of a name without asking; undefined of one that is imported or none of ours. */
  shown(name: string): { kind: string; type: string | undefined } | undefined {
    const shown = this.#shown.get(name)
    return shown?.kind === undefined ? undefined : { kind: shown.kind, type: shown.type }
  }

  /** A type that names modules of ours, as it can be written in the newest one. */
  written(type: string, isOurs: (module: string) => boolean): string {
    return this.#layers.written(type, isOurs)
  }

  forget(): void {
    this.#layers.clear()
    this.#shown.clear()
    this.#variables.clear()
    this.sources.clear()
    this.isPartial = false
  }

  /** An import cannot be assigned; a variable with a value has the type of that value. */
  #variable(name: string): string {
    const { comment = '', now } = this.#variables.get(name) ?? {}
    const type = `typeof ${importOf(TOP)}.${name}`
    return now === undefined
      ? `${comment}declare let ${name}: ${type}; `
      : `${comment}let ${name}: ${type} = null! as typeof ${importOf(TOP)}.${NOW}${name}; `
  }

  #isAlsoType(name: string): boolean {
    return this.#layers.entry(name)?.some(({ meaning }) => meaning !== 'value') ?? false
  }

  #narrow(name: string, type: string | undefined): void {
    const variable = this.#variables.get(name)
    if (variable) this.#variables.set(name, { ...variable, now: type })
  }

  #forgetOldest(): void {
    for (const name of this.#layers.keep(MOST, LARGEST)) {
      this.#shown.delete(name)
      this.#variables.delete(name)
      this.isPartial = true
    }
  }
}

function textOf(one: Asked, type: string, now: string | undefined): string {
  // A constant is for ever what it was at first.
  if (one.kind === 'const' && now !== undefined && now !== type) {
    return declarationText({ ...one, type: now })
  }
  return one.kind !== 'function' && one.annotation !== undefined
    ? `${one.comment}export declare ${one.kind} ${one.name}: ${one.annotation}`
    : declarationText({ ...one, type })
}

function shownOf(one: Declared, type: string | undefined): Shown {
  if ('text' in one) return { kind: one.shown, type: one.type }
  return { kind: one.kind === 'function' ? 'function' : 'instance', type }
}

/** On one line, as all that is before a cell. */
function flat(comment: string): string {
  return comment.replace(/[\r\n\u2028\u2029]+/g, ' ')
}
