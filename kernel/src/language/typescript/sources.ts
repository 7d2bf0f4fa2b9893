// What cells wrote to declare their names: the newest, within a bound.

/** UTF-16 units of one, and of all together. */
const LONGEST = 10_000
const LARGEST = 500_000

export class Sources {
  readonly #texts = new Map<string, string>()
  #size = 0

  get(name: string): string | undefined {
    return this.#texts.get(name)
  }

  set(name: string, text: string): void {
    this.#delete(name)
    if (text.length > LONGEST) return
    this.#texts.set(name, text)
    this.#size += text.length
    for (const oldest of this.#texts.keys()) {
      if (this.#size <= LARGEST) return
      this.#delete(oldest)
    }
  }

  clear(): void {
    this.#texts.clear()
    this.#size = 0
  }

  #delete(name: string): void {
    this.#size -= this.#texts.get(name)?.length ?? 0
    this.#texts.delete(name)
  }
}
