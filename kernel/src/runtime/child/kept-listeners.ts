// Listeners of the process that the runtime needs to live. A cell may remove all that listen to an event (`removeAllListeners`): those of
// the runtime stay.
import process from 'node:process'
import type { EventEmitter } from 'node:events'
import { Reflect } from '../../api/primordials.ts'

type Listener = (...args: unknown[]) => void

interface Kept {
  event: string
  listener: Listener
  isNeeded: () => boolean
}

const emitter: EventEmitter = process
const removeAllListeners = emitter.removeAllListeners.bind(emitter)
const kept: Kept[] = []

// Node's own, by which the listeners of signals work.
for (const event of ['newListener', 'removeListener']) {
  for (const listener of emitter.listeners(event)) {
    if (isListener(listener)) kept[kept.length] = { event, listener, isNeeded: () => true }
  }
}

/** `isNeeded`: whether it must stay now; always, if it is not given. */
export function keepListener(
  event: string,
  listener: Listener,
  isNeeded: () => boolean = () => true,
): void {
  kept[kept.length] = { event, listener, isNeeded }
  emitter.on(event, listener)
}

Reflect.defineProperty(process, 'removeAllListeners', {
  value: function (...args: [event?: string]): EventEmitter {
    removeAllListeners(...args)
    for (let at = 0; at < kept.length; at++) {
      const one = kept[at]
      if (one?.isNeeded() && !isListening(one)) emitter.on(one.event, one.listener)
    }
    return process
  },
  writable: true,
  configurable: true,
})

function isListener(value: unknown): value is Listener {
  return typeof value === 'function'
}

function isListening({ event, listener }: Kept): boolean {
  const listeners = emitter.listeners(event)
  for (let at = 0; at < listeners.length; at++) if (listeners[at] === listener) return true
  return false
}
