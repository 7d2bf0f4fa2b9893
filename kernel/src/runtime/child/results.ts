// `_`, `Out` and what is shown as a cell's result.
import type { DisplayContent } from '../../protocol/mimebundle.ts'
import { Object, Reflect, UserObject, realm } from '../../api/primordials.ts'
import type { CellContext } from './cell-context.ts'
import { bundleOf } from './mimebundle.ts'

/** `_`, `Out` and what is shown as the cell's result. */
export class Results {
  private readonly out: object = new UserObject()
  private readonly isDisplayHandle: (value: unknown) => boolean
  private last: unknown

  /** @param isDisplayHandle - A cell that ends in `display(x)` shows x, not the handle too. */
  constructor(isDisplayHandle: (value: unknown) => boolean) {
    this.isDisplayHandle = isDisplayHandle
    this.define('Out', this.out)
    this.define('_', undefined)
  }

  /** Keeps a cell's value; returns what is shown of it. */
  async take(value: unknown, { options }: CellContext): Promise<DisplayContent | undefined> {
    if (value === undefined || options.silent || this.isDisplayHandle(value)) return undefined
    if (options.storeHistory) {
      Reflect.set(this.out, options.executionCount, value)
      this.define('_', value)
    }
    return bundleOf(value)
  }

  /** A name that users may take for their own: it is then left alone. */
  private define(name: string, value: unknown): void {
    const existing = Reflect.getOwnPropertyDescriptor(realm, name)
    if (name === '_' && existing && !Object.is(existing.value, this.last)) return
    if (name === '_') this.last = value
    Reflect.defineProperty(realm, name, {
      value,
      writable: true,
      enumerable: false,
      configurable: true,
    })
  }
}
