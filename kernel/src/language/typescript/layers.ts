// Declarations in layers, each a module: a name that is declared again goes into a newer layer than
// what refers to the one before, which goes on to mean that one: an object of a class that was
// edited meanwhile, a class that extends it. There is one layer as long as nothing needs a second.

/** The newest layer's module, which has the names of all. */
export const TOP = '__jupyterpost_names'
/** Layers kept; beyond, the oldest meanings are lost. */
const MOST = 6
const MODULES = Array.from({ length: MOST }, (_, index) => `${TOP}${index + 1}`)

export interface Piece {
  text: string
  /** A class, an enum and most imports are both. */
  meaning: 'value' | 'type' | 'both'
  words: ReadonlySet<string>
}

export type Entry = readonly Piece[]

interface Layer {
  /** Of its module. */
  name: string
  entries: Map<string, Entry>
}

export class Layers {
  #older: Layer[] = []
  #top: Layer = { name: TOP, entries: new Map() }

  /** Declares what one cell declares. */
  declare(entries: ReadonlyMap<string, Entry>): void {
    const changed = new Map(
      [...entries].flatMap(([name, entry]) => {
        const whole = this.#withKept(name, entry)
        return this.#isSame(name, whole) ? [] : [[name, whole] as const]
      }),
    )
    const names = [...changed.keys()]
    if (names.some((name) => this.#isMeant(name, this.#top, changed))) this.#freeze()
    for (const [name, entry] of changed) {
      const home = this.#homeOf(name)
      if (home && !this.#all().some((layer) => this.#isMeant(name, layer, changed))) {
        home.entries.delete(name)
      }
      // The newest is the last.
      this.#top.entries.delete(name)
      this.#top.entries.set(name, entry)
    }
    this.#tidy()
  }

  entry(name: string): Entry | undefined {
    return this.#homeOf(name)?.entries.get(name)
  }

  names(): Set<string> {
    return new Set(this.#all().flatMap(({ entries }) => [...entries.keys()]))
  }

  /** Text of each module, the newest last, which has all names. */
  texts(): Array<{ name: string; text: string }> {
    const current = this.names()
    return this.#all().map((layer) => {
      const words = this.#wordsIn(layer)
      const others = [...current].filter(
        (name) => !layer.entries.has(name) && (layer === this.#top || words.has(name)),
      )
      const imports = Map.groupBy(others, (name) => this.#meaning(name, layer))
        .entries()
        .flatMap(([from, names]) => (from ? [importsFrom(from, names, layer === this.#top)] : []))
      const own = layer.entries.values().flatMap((entry) => entry.map(({ text }) => text))
      return { name: layer.name, text: [...imports, ...own].join('\n') }
    })
  }

  /**
   * @param type - As the checker writes it, each name with its module.
   * @returns the same for the newest module; what has another meaning there is written with its own
   */
  written(type: string, isOurs: (module: string) => boolean): string {
    const parts = type.split('import("')
    return parts
      .map((part, index) => {
        if (index === 0) return part
        const end = part.indexOf('")')
        const module = part.slice(0, end)
        if (end < 0 || !isOurs(module) || part[end + 2] !== '.') return `import("${part}`
        const rest = part.slice(end + 3)
        const name = /^[\p{ID_Continue}$]*/u.exec(rest)?.[0] ?? ''
        const layer = this.#older.find((one) => module.endsWith(`/${one.name}`))
        const isHidden = layer !== undefined && this.#meaning(name, this.#top) !== layer
        return isHidden ? `${importOf(layer.name)}.${rest}` : rest
      })
      .join('')
  }

  /** Removes the oldest until few enough are left. Returns their names. */
  keep(most: number, largest: number): string[] {
    const removed: string[] = []
    const all = this.#all()
    let count = all.reduce((sum, { entries }) => sum + entries.size, 0)
    let size = all.reduce((sum, layer) => sum + sizeOf(layer), 0)
    for (const { entries } of all) {
      for (const [name, entry] of entries) {
        if (count <= most && size <= largest) return removed
        entries.delete(name)
        count -= 1
        size -= lengthOf(entry)
        if (!this.#homeOf(name)) removed.push(name)
      }
    }
    return removed
  }

  clear(): void {
    this.#older = []
    this.#top.entries.clear()
  }

  #all(): Layer[] {
    return [...this.#older, this.#top]
  }

  #homeOf(name: string): Layer | undefined {
    return this.#all().findLast(({ entries }) => entries.has(name))
  }

  /** Which layer's declaration a name means in a layer: its own, an older one's, a newer one's. */
  #meaning(name: string, { name: place }: Layer): Layer | undefined {
    const all = this.#all()
    const index = all.findIndex((layer) => layer.name === place)
    const isThere = ({ entries }: Layer): boolean => entries.has(name)
    return all.slice(0, index + 1).findLast(isThere) ?? all.slice(index + 1).find(isThere)
  }

  /** Whether something in a layer that stays as it is means the declaration that is now current. */
  #isMeant(name: string, layer: Layer, changed: ReadonlyMap<string, Entry>): boolean {
    const home = this.#homeOf(name)
    if (!home) return false
    const written = `${importOf(home.name)}.${name}`
    if ([...changed.values()].flat().some(({ text }) => text.includes(written))) return true
    const isHere = this.#meaning(name, layer) === home
    return layer.entries
      .entries()
      .some(
        ([other, entry]) =>
          other !== name &&
          !(changed.has(other) && this.#homeOf(other) === layer) &&
          entry.some(({ text, words }) => words.has(name) && (isHere || text.includes(written))),
      )
  }

  /** What a name means besides what is declared now: an interface does not end a constant. */
  #withKept(name: string, entry: Entry): Entry {
    const home = this.#homeOf(name)
    const before = home?.entries.get(name)
    const [meaning, ...others] = new Set(entry.map((piece) => piece.meaning))
    if (!home || !before || meaning === 'both' || others.length > 0) return entry
    const other = meaning === 'type' ? 'value' : 'type'
    const kept = before.filter((piece) => piece.meaning === other)
    if (meaning === 'value' || !before.some((piece) => piece.meaning === 'both')) {
      return [...kept, ...entry]
    }
    const isTop = home === this.#top
    if (isTop) this.#freeze()
    const from = isTop ? this.#older.at(-1) : home
    const text = `export declare const ${name}: typeof ${importOf((from ?? home).name)}.${name}`
    return [{ text, meaning: 'value', words: new Set([name]) }, ...entry]
  }

  /** Whether it was declared in the same words, which mean the same. */
  #isSame(name: string, entry: Entry): boolean {
    const home = this.#homeOf(name)
    const before = home?.entries.get(name)
    if (!home || !before || before.length !== entry.length) return false
    const isSameText = before.every(({ text }, index) => text === entry[index]?.text)
    if (!isSameText) return false
    if (home === this.#top) return true
    return entry.every(({ words }) =>
      words.values().every((word) => this.#meaning(word, home) === this.#meaning(word, this.#top)),
    )
  }

  /** The newest layer stays as it is from now on. */
  #freeze(): void {
    const [oldest, next] = this.#older
    if (oldest && next && this.#older.length >= MOST) {
      next.entries = new Map([...oldest.entries, ...next.entries])
      this.#older.shift()
    }
    const used = new Set(this.#older.map(({ name }) => name))
    const name = MODULES.find((one) => !used.has(one)) ?? TOP
    this.#older.push({ name, entries: this.#top.entries })
    this.#top.entries = new Map()
  }

  /** Drops declarations that nothing means any more, and layers that no longer differ. */
  #tidy(): void {
    for (const layer of this.#older.toReversed()) {
      for (const name of layer.entries.keys()) {
        if (this.#homeOf(name) !== layer && !this.#isUsed(name, layer)) layer.entries.delete(name)
      }
    }
    const all = this.#all()
    const hidden = all.reduce((sum, { entries }) => sum + entries.size, 0) - this.names().size
    if (hidden > 0) this.#older = this.#older.filter(({ entries }) => entries.size > 0)
    else {
      this.#top.entries = new Map(all.flatMap(({ entries }) => [...entries]))
      this.#older = []
    }
  }

  #isUsed(name: string, home: Layer): boolean {
    const written = `${importOf(home.name)}.${name}`
    return this.#all().some((layer) => {
      const isHere = this.#meaning(name, layer) === home
      return layer.entries
        .entries()
        .some(([other, entry]) =>
          entry.some(
            ({ text, words }) =>
              words.has(name) && ((isHere && other !== name) || text.includes(written)),
          ),
        )
    })
  }

  #wordsIn({ entries }: Layer): Set<string> {
    return new Set(
      entries.values().flatMap((entry) => entry.values().flatMap(({ words }) => words.values())),
    )
  }
}

export function importOf(module: string): string {
  return `import("./${module}")`
}

function importsFrom({ name }: Layer, names: readonly string[], isShared: boolean): string {
  const list = names.join(', ')
  const text = `import { ${list} } from './${name}'`
  return isShared ? `${text}; export { ${list} }` : text
}

const lengthOf = (entry: Entry): number => entry.reduce((sum, { text }) => sum + text.length, 0)

function sizeOf({ entries }: Layer): number {
  return entries.values().reduce((sum, entry) => sum + lengthOf(entry), 0)
}
