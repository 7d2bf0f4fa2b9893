// Where cells meet a Node that differs from plain Node, for the sake of interrupts: `fetch` stops
// with its cell; the control worker knows of active async hooks; a module that was interrupted
// while it loaded is not kept half-loaded; and the runtime's own files cannot be closed.
import asyncHooks from 'node:async_hooks'
import fs from 'node:fs'
import Module, { isBuiltin, registerHooks, syncBuiltinESMExports } from 'node:module'
import type { CellContexts } from './cell-context.ts'
import type { Control } from './control.ts'
import process from 'node:process'
import { Object, Reflect, Set, listOf, realm, uncurry, users } from '../../api/primordials.ts'
import { asUsers } from './user-functions.ts'

const nextTick = uncurry(process, 'nextTick')

/** A `fetch` without a signal of its own gets `cell.signal`, while its cell runs. */
export function stopFetchWithCell(cells: CellContexts): void {
  const { fetch } = users
  const fetchOfCell: typeof fetch = (input, init) => {
    const context = cells.storage.getStore()
    const hasSignal = init?.signal !== undefined || (typeof input === 'object' && 'signal' in input)
    if (!context || context.ended || hasSignal) return fetch(input, init)
    return fetch(input, { ...init, signal: context.abort.signal })
  }
  Reflect.defineProperty(realm, 'fetch', {
    value: asUsers(fetchOfCell, 'fetch'),
    writable: true,
    enumerable: true,
    configurable: true,
  })
}

export function noteAsyncHooks(control: Control): void {
  const { createHook } = asyncHooks
  const active = new Set<object>()
  asyncHooks.createHook = (callbacks) => {
    const hook = createHook(callbacks)
    const enable = hook.enable.bind(hook)
    const disable = hook.disable.bind(hook)
    hook.enable = () => {
      active.add(hook)
      control.asyncHooks = true
      return enable()
    }
    hook.disable = () => {
      active.delete(hook)
      control.asyncHooks = active.size > 0
      return disable()
    }
    return hook
  }
  syncBuiltinESMExports()
}

/**
 * An interrupt while Node loads one of its own modules would leave it half-loaded for good: without
 * its exports, and never loaded again.
 */
export function loadBuiltinsWhole(control: Control): void {
  const load: unknown = Reflect.get(Module, '_load')
  if (typeof load !== 'function') return
  const loaded = new Set<string>()
  const read = new Set<string>()
  const loadWhole = (name: string): void => {
    if (loaded.has(name)) return
    control.hold(() => {
      // Asked again by the hook below, and by a module that loads itself in a circle.
      loaded.add(name)
      Reflect.apply(load, Module, [name])
    })
  }
  /** An import reads all exports, and reading some loads other modules. */
  const readWhole = (name: string): void => {
    if (read.has(name)) return
    control.hold(() => {
      read.add(name)
      const exports: unknown = Reflect.apply(load, Module, [name])
      if (isObject(exports)) Object.values(exports)
    })
  }
  Reflect.set(Module, '_load', (request: string, ...rest: unknown[]): unknown => {
    if (isBuiltin(request)) loadWhole(request)
    return Reflect.apply(load, Module, [request, ...rest]) as unknown
  })
  registerHooks({
    resolve(specifier, context, next) {
      if (isBuiltin(specifier)) {
        loadWhole(specifier)
        if (listOf(context.conditions).includes('import')) readWhole(specifier)
      }
      return next(specifier, context)
    },
  })
  const { getBuiltinModule } = process
  process.getBuiltinModule = asUsers((name: string) => {
    if (isBuiltin(name)) loadWhole(name)
    return getBuiltinModule(name)
  }, 'getBuiltinModule')
}

function isObject(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null)
}

/** fd 1 to 5: standard streams, and the link. */
const OWN_FILES = 5

/** Closing one of these has no effect; Node answers as it would for its own files. */
export function keepOwnFilesOpen(): void {
  const { close, closeSync } = fs
  fs.closeSync = asUsers((fd: number) => {
    if (!isOwn(fd)) closeSync(fd)
  }, 'closeSync')
  const closeOther = (fd: number, ...rest: unknown[]): unknown => {
    const [callback] = rest
    if (!isOwn(fd)) return Reflect.apply(close, fs, [fd, ...rest])
    if (typeof callback === 'function') nextTick(process, callback, null)
    return undefined
  }
  Reflect.set(fs, 'close', asUsers(closeOther, 'close'))
  syncBuiltinESMExports()
}

function isOwn(fd: unknown): boolean {
  return typeof fd === 'number' && fd > 0 && fd <= OWN_FILES
}

/** After an interrupt: Node's clean-up of a module that failed to load did not run. */
export function forgetHalfLoaded(require: NodeJS.Require): void {
  for (const [name, module] of Object.entries(require.cache)) {
    if (module && !module.loaded) Reflect.deleteProperty(require.cache, name)
  }
}
