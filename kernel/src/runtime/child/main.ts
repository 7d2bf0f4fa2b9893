// The runtime process: user code on this thread, in Node's own realm; what runs beside it in another (`kernel-realm.ts`). Everything that
// shows it is no plain Node (arguments, flags, the link) is taken away before the first cell.
import { EventEmitter } from 'node:events'
import process from 'node:process'
import { MessageChannel, Worker } from 'node:worker_threads'
import { connect } from '../../api/bridge.ts'
import { receiveComm } from '../../api/comm.ts'
import { isDisplayHandle } from '../../api/display.ts'
import * as api from '../../api/globals.ts'
import { loadPosting } from '../../api/post.ts'
import { Error, Int32Array, Reflect, SharedArrayBuffer, URL } from '../../api/primordials.ts'
import { keepPopOfNode } from './async-resources.ts'
import { KernelRealm } from './kernel-realm.ts'
import { SLOTS } from './shared-phase.ts'
import type { Start } from './start.ts'

const nonce = process.argv[2] ?? ''
process.argv.length = 1
process.execArgv.length = 0

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const shared = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT)
const messages = new MessageChannel()
const answers = new MessageChannel()
const places = new MessageChannel()
// Starts while the realm is made. It reads the link, so it keeps the process alive.
new Worker(new URL(`./control-worker${extension}`, import.meta.url), {
  workerData: {
    shared,
    messages: messages.port2,
    answers: answers.port2,
    places: places.port2,
    pid: process.pid,
  },
  transferList: [messages.port2, answers.port2, places.port2],
  execArgv: ['--disable-warning=ExperimentalWarning'],
  env: {},
})
// A stray SIGINT (a signal to the group that came too late) must not end the process.
process.on('SIGINT', () => undefined)
// Node tells of exceptions by `process.emit` and takes listeners away while a script can be interrupted: these must not be what a cell put on
// the prototype.
for (const name of Reflect.ownKeys(EventEmitter.prototype)) {
  const value: unknown = Reflect.get(EventEmitter.prototype, name)
  if (typeof value !== 'function' || name === 'constructor') continue
  Reflect.defineProperty(process, name, {
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  })
}

const kept = keepPopOfNode()
const realm = new KernelRealm()
const loaded: { start?: (parts: Start) => void } = await realm.load(
  new URL(`./start${extension}`, import.meta.url),
)
await kept
if (!loaded.start) throw new Error('the runtime has no start')
loaded.start({
  nonce,
  shared,
  messages: realm.takePort(messages.port1),
  answers: realm.takePort(answers.port1),
  places: realm.takePort(places.port1),
  user: { connect, names: api.names, receiveComm, isDisplayHandle, loadPosting },
})
