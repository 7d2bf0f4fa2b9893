// Makes the user's realm ready, and the kernel's realm beside it, where `start.ts` goes on.
import { EventEmitter } from 'node:events'
import process from 'node:process'
import { Script } from 'node:vm'
import type { MessagePort } from 'node:worker_threads'
import { connect } from '../../api/bridge.ts'
import { receiveComm } from '../../api/comm.ts'
import { isDisplayHandle } from '../../api/display.ts'
import { completeMagic, useMagic } from '../../api/magic.ts'
import { names } from '../../api/globals.ts'
import { loadPosting } from '../../api/post.ts'
import { Error, Reflect, URL, defineHidden } from '../../api/primordials.ts'
import { installStdin } from './asked-input.ts'
import { keepPopOfNode } from './async-resources.ts'
import { KernelRealm } from './kernel-realm.ts'
import type { Start } from './start.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))

/** The main thread's ports to the control worker. */
interface Ports {
  nonce: string
  shared: SharedArrayBuffer
  messages: MessagePort
  answers: MessagePort
  places: MessagePort
}

/** Resolves when cells can run. */
export async function begin(ports: Ports): Promise<void> {
  process.on('SIGINT', ignore)
  keepListeners()
  keepScripts()
  installStdin()
  const kept = keepPopOfNode()
  const realm = new KernelRealm()
  const loaded: { start?: (parts: Start) => Promise<void> } = await realm.load(
    new URL(`./start${extension}`, import.meta.url),
  )
  await kept
  if (!loaded.start) throw new Error('the runtime has no start')
  await loaded.start({
    nonce: ports.nonce,
    shared: ports.shared,
    messages: realm.takePort(ports.messages),
    answers: realm.takePort(ports.answers),
    places: realm.takePort(ports.places),
    user: {
      connect,
      names,
      receiveComm,
      isDisplayHandle,
      useMagic,
      completeMagic,
      loadPosting,
      loadReadline,
    },
  })
  process.off('SIGINT', ignore)
}

/** A stray SIGINT must not end the process, until the kernel has a listener of its own. */
function ignore(): void {
  // It was meant for somebody else.
}

/** Takes 10 ms. */
async function loadReadline(moveByReadline: (module: object) => void): Promise<void> {
  const { askByReadline } = await import('./readline-questions.ts')
  askByReadline(moveByReadline)
}

/**
 * Node reports exceptions by `process.emit` and removes listeners while a script can be
 * interrupted. It must not find methods there that a cell put on the prototype.
 */
function keepListeners(): void {
  for (const name of Reflect.ownKeys(EventEmitter.prototype)) {
    const value: unknown = Reflect.get(EventEmitter.prototype, name)
    if (typeof value !== 'function' || name === 'constructor') continue
    defineHidden(process, name, value)
  }
}

/** Node looks up the method of `vm.Script`'s parent class that runs a cell, each time. */
function keepScripts(): void {
  const parent = Reflect.getPrototypeOf(Script.prototype)
  if (parent && Reflect.getOwnPropertyDescriptor(parent, 'runInContext')) {
    Reflect.defineProperty(parent, 'runInContext', { writable: false, configurable: false })
  }
}
