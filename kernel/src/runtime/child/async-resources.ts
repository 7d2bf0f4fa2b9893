// Node keeps what runs now in an array of the user's realm and takes from it with `pop`, which it
// looks up each time (`popAsyncContext`, lib/internal/async_hooks.js). So a cell that breaks
// `Array.prototype.pop` would make every callback of Node's fail for ever, unless that array has
// a `pop` of its own. Only the call itself leads to the array.
import { setImmediate } from 'node:timers'
import { Array, Promise, Reflect, Set } from '../../api/primordials.ts'

const { prototype } = Array

/** Call it before the first cell. */
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
