// The runtime process: user code runs on this thread, in Node's own realm; what runs beside it has
// another realm (`kernel-realm.ts`). This file comes first: it starts the control worker, which
// takes as long to start as all the rest to load.
import process from 'node:process'
import { MessageChannel, Worker } from 'node:worker_threads'
import { Int32Array, SharedArrayBuffer, URL } from '../../api/primordials.ts'
import { SLOTS } from './shared-phase.ts'

const nonce = process.argv[2] ?? ''
// User code finds a process that looks like plain Node.
process.argv.length = 1
process.execArgv.length = 0

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const shared = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT)
const messages = new MessageChannel()
const answers = new MessageChannel()
const places = new MessageChannel()
// Starts while the realm is made. It reads the link, which keeps the process alive.
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
}).ref()

const { begin } = await import('./begin.ts')
await begin({
  nonce,
  shared,
  messages: messages.port1,
  answers: answers.port1,
  places: places.port1,
})
