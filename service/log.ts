// The relay's log: one JSON line an event, to stderr. Never a token, never what people post.
import pino from 'pino'
import type { Logger } from 'pino'

export type Log = Logger

/** @param level - pino's: `silent`, `error`, `warn`, `info`, `debug`. */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      redact: ['*.authorization', '*.cookie', '*.token', 'token', '*.headers'],
    },
    destination(),
  )
}

function destination() {
  // Synchronous, so that the last line before an exit is written.
  const stderr = pino.destination({ fd: 2, sync: true })
  // A terminal that was closed takes no more lines; the relay goes on without them.
  return stderr.on('error', () => undefined)
}
