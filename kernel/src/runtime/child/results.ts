// `_`, `Out` and what is shown as a cell's result. `Out` keeps the newest values, as many as fit:
// otherwise a value that only `Out` refers to would stay in memory for good.
import type { DisplayContent } from '../../protocol/mimebundle.ts'
import { Object, Reflect, UserObject, defineHidden, realm } from '../../api/primordials.ts'
import type { CellContext } from './cell-context.ts'
import { bundleOf } from './mimebundle.ts'
import { retainedSize } from './retained-size.ts'

/** Bounds: number of values, bytes of all; the newest is kept whatever its size. */
const VALUES = 100
const BYTES = 64 * 1024 * 1024

interface Kept {
  executionCount: number
  value: unknown
  /** Bytes, estimated. */
  size: number
}

export class Results {
  readonly #out: object = new UserObject()
  /** Our entries in `Out`, oldest first. */
  #kept: Kept[] = []
  readonly #isDisplayHandle: (value: unknown) => boolean
  #last: unknown

  /** @param isDisplayHandle - A cell that ends in `display(x)` shows x, not the handle too. */
  constructor(isDisplayHandle: (value: unknown) => boolean) {
    this.#isDisplayHandle = isDisplayHandle
    this.#define('Out', this.#out)
    this.#define('_', undefined)
  }

  /** Forgets all values. */
  clear(): void {
    for (const { executionCount } of this.#kept.splice(0)) {
      Reflect.deleteProperty(this.#out, executionCount)
    }
    this.#define('_', undefined)
  }

  /** Keeps a cell's value; returns what to show of it. */
  async take(value: unknown, { options }: CellContext): Promise<DisplayContent | undefined> {
    if (value === undefined || options.silent || this.#isDisplayHandle(value)) return undefined
    if (options.storeHistory) {
      this.#keep(options.executionCount, value)
      this.#define('_', value)
    }
    return bundleOf(value)
  }

  #keep(executionCount: number, value: unknown): void {
    this.#kept = this.#kept.filter((one) => one.executionCount !== executionCount)
    this.#kept.push({ executionCount, value, size: retainedSize(value) })
    Reflect.defineProperty(this.#out, executionCount, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
    let bytes = 0
    const first = this.#kept.findLastIndex((one, index) => {
      bytes += one.size
      const isNewest = index === this.#kept.length - 1
      return !isNewest && (bytes > BYTES || this.#kept.length - index > VALUES)
    })
    for (const { executionCount: count, value: old } of this.#kept.splice(0, first + 1)) {
      const now: unknown = Reflect.getOwnPropertyDescriptor(this.#out, count)?.value
      if (Object.is(now, old)) Reflect.deleteProperty(this.#out, count)
    }
  }

  /** A name that users may take for themselves: then it is left alone. */
  #define(name: string, value: unknown): void {
    const existing = Reflect.getOwnPropertyDescriptor(realm, name)
    if (name === '_' && existing && !Object.is(existing.value, this.#last)) return
    if (name === '_') this.#last = value
    defineHidden(realm, name, value)
  }
}
