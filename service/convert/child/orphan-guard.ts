// Ends the converter when its relay is gone: a job that hangs in native code would otherwise run on for ever, and its main thread, which
// is in it, cannot see that. A thread of its own can.
import { workerData } from 'node:worker_threads'

const LOOK_MS = 500

/** From the main thread: this one may start when the relay is gone already, and would take the adopter for it. */
const relay: unknown = workerData

setInterval(() => {
  if (process.ppid !== relay) process.kill(process.pid, 'SIGKILL')
}, LOOK_MS)
