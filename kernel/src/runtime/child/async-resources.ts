// Node keeps what runs now in an array of the realm of user code, and takes from it by its `pop`, which it looks up each time
// (`popAsyncContext`, lib/internal/async_hooks.js): without one of its own, a cell that breaks `Array.prototype.pop` makes each callback of
// Node's fail, for ever. Nothing leads to that array but the call itself.
import { setImmediate } from 'node:timers'
import { Array, Promise, Reflect, Set } from '../../api/primordials.ts'

const { prototype } = Array

/** Before the first cell. */
export async function keepPopOfNode(): Promise<void> {
  const { pop } = prototype
  const seen = new Set<unknown[]>()
  const popAndNote = function (this: unknown[]): unknown {
    seen.add(this)
    return Reflect.apply(pop, this, [])
  }
  Reflect.defineProperty(prototype, 'pop', {
    value: popAndNote,
    writable: true,
    configurable: true,
  })
  try {
    // It is called when the callback has returned.
    await turn()
    await turn()
  } finally {
    Reflect.defineProperty(prototype, 'pop', { value: pop, writable: true, configurable: true })
  }
  for (const list of seen) Reflect.defineProperty(list, 'pop', { value: pop })
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
