// Ends the converter when its relay is gone: a job that hangs in native code would otherwise run on for ever, and its main thread, which
// is in it, cannot see that. A thread of its own can.
const LOOK_MS = 500

const relay = process.ppid

setInterval(() => {
  if (process.ppid !== relay) process.kill(process.pid, 'SIGKILL')
}, LOOK_MS)
