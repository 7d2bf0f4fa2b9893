// A cell may listen to SIGINT. While its sync part runs, V8 takes the signal, which ends loops; a
// listener added then would take it away and never be called, since no event comes through. So
// listeners are added once that part is over.
import process from 'node:process'
import { Reflect } from '../../api/primordials.ts'
import { asUsers } from './user-functions.ts'

const ADDING = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'] as const
const REMOVING = ['off', 'removeListener'] as const

/**
 * @param isInScript - Whether a cell's sync part runs.
 * @returns a function that adds the listeners that wait.
 */
export function holdSigintListeners(isInScript: () => boolean): () => void {
  let waiting: Array<{ listener: unknown; add: () => unknown }> = []
  for (const name of ADDING) {
    wrap(name, (method) => (event: unknown, listener: unknown, ...rest: unknown[]): unknown => {
      const add = (): unknown => Reflect.apply(method, process, [event, listener, ...rest])
      if (event !== 'SIGINT' || !isInScript()) return add()
      waiting.push({ listener, add })
      return process
    })
  }
  for (const name of REMOVING) {
    wrap(name, (method) => (event: unknown, listener: unknown): unknown => {
      if (event === 'SIGINT') waiting = waiting.filter((one) => one.listener !== listener)
      return Reflect.apply(method, process, [event, listener])
    })
  }
  return () => {
    const added = waiting
    waiting = []
    for (const { add } of added) add()
  }
}

function wrap(
  name: (typeof ADDING)[number] | (typeof REMOVING)[number],
  make: (method: (...args: unknown[]) => unknown) => (...args: unknown[]) => unknown,
): void {
  const method: unknown = Reflect.get(process, name)
  if (!isMethod(method)) return
  const wrapped = asUsers(make(method), name)
  Reflect.defineProperty(process, name, { value: wrapped, writable: true, configurable: true })
}

function isMethod(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function'
}
