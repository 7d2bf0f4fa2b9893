// Ends the converter when its relay is gone. Otherwise a job that hangs in native code would run
// for ever: the main thread is inside it and sees nothing, but a separate thread does.
import { workerData } from 'node:worker_threads'

const LOOK_MS = 500

/** Passed by the main thread: if the relay is already gone, our parent is another process. */
const relay: unknown = workerData

setInterval(() => {
  if (process.ppid !== relay) process.kill(process.pid, 'SIGKILL')
}, LOOK_MS)
