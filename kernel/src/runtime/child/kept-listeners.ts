// Listeners of the process that the runtime needs to live. A cell may remove all listeners of an
// event (`removeAllListeners`): the runtime's stay.
import { EventEmitter } from 'node:events'
import process from 'node:process'
import { Reflect, listOf, uncurry } from '../../api/primordials.ts'
import { asUsers } from './user-functions.ts'

type Listener = (...args: unknown[]) => void

interface Kept {
  event: string
  listener: Listener
  isNeeded: () => boolean
}

const emitter: EventEmitter = process
const on = uncurry(EventEmitter.prototype, 'on')
const listeners = uncurry(EventEmitter.prototype, 'listeners')
const removeAllListeners = uncurry(EventEmitter.prototype, 'removeAllListeners')
const kept: Kept[] = []

// Node's own listeners, by which the listeners of signals work.
for (const event of ['newListener', 'removeListener']) {
  for (const listener of listenersOf(event)) {
    if (isListener(listener)) kept.push({ event, listener, isNeeded: () => true })
  }
}

/** @param isNeeded - Whether it must stay now; by default always. */
export function keepListener(
  event: string,
  listener: Listener,
  isNeeded: () => boolean = () => true,
): void {
  kept.push({ event, listener, isNeeded })
  on(emitter, event, asUsers(listener))
}

/** Listeners of the process, even if a cell replaced the process's methods. */
export function listenersOf(event: string): unknown[] {
  return listOf<unknown>(listeners(emitter, event))
}

Reflect.defineProperty(process, 'removeAllListeners', {
  value: asUsers((...args: [event?: string]): EventEmitter => {
    removeAllListeners(emitter, ...args)
    for (const one of kept) {
      if (one.isNeeded() && !isListening(one)) on(emitter, one.event, one.listener)
    }
    return process
  }, 'removeAllListeners'),
  writable: true,
  configurable: true,
})

function isListener(value: unknown): value is Listener {
  return typeof value === 'function'
}

function isListening({ event, listener }: Kept): boolean {
  return listenersOf(event).includes(listener)
}
