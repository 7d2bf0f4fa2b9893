// Timers of an interrupted cell do not fire: its work does not go on behind the next cell's back.
// Timers of cells that ended by themselves live on. `node:timers/promises` use `cell.signal` if
// the caller gives no signal.
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import promises from 'node:timers/promises'
import { promisify } from 'node:util'
import { Error, Number, Object, Reflect, realm } from '../../api/primordials.ts'
import type { CellContexts } from './cell-context.ts'
import { asUsers } from './user-functions.ts'

type Anything = (...args: unknown[]) => unknown

export function stopTimersWithCell(cells: CellContexts): void {
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
    const start: Anything = functionOf(timers, name)
    const startOfCell = function (this: unknown, callback: unknown, ...rest: unknown[]): unknown {
      const context = cells.storage.getStore()
      if (!context || context.ended || typeof callback !== 'function') {
        return Reflect.apply(start, this, [callback, ...rest])
      }
      const run = function (this: unknown, ...args: unknown[]): unknown {
        if (!context.interrupted) return Reflect.apply(callback, this, args)
        if (name === 'setInterval') timers.clearInterval(Number(timer))
        return undefined
      }
      const timer = Reflect.apply(start, this, [run, ...rest])
      return timer
    }
    asUsers(startOfCell, name)
    const wait = withSignal(cells, functionOf(promises, name), name === 'setImmediate' ? 1 : 2)
    Reflect.set(promises, name, wait)
    if (name !== 'setInterval') {
      Reflect.defineProperty(startOfCell, promisify.custom, { value: wait })
    }
    Reflect.set(timers, name, startOfCell)
    Reflect.set(realm, name, startOfCell)
  }
  syncBuiltinESMExports()
}

/** @param at - Index of the argument with the options. */
function withSignal(cells: CellContexts, start: Anything, at: number): Anything {
  const startOfCell: Anything = (...args) => {
    const context = cells.storage.getStore()
    const options = args[at]
    const isGiven = typeof options === 'object' && options !== null && 'signal' in options
    if (!context || context.ended || isGiven) return Reflect.apply(start, undefined, args)
    while (args.length < at) args.push(undefined)
    args[at] = Object.assign({ signal: context.abort.signal }, options)
    return Reflect.apply(start, undefined, args)
  }
  return asUsers(startOfCell, start.name)
}

function functionOf(target: object, name: string): Anything {
  const found: unknown = Reflect.get(target, name)
  if (!isFunction(found)) throw new Error(`node:timers has no ${name}`)
  return found
}

function isFunction(value: unknown): value is Anything {
  return typeof value === 'function'
}
