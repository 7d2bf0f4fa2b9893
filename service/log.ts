// The relay's log: one line an event, to stderr, as text for people or as JSON for programs. Never
// a token, never what people post.
import pino from 'pino'
import type { Logger } from 'pino'

import { printable, textLine } from './log-text.ts'

export type Log = Logger
export type LogFormat = 'text' | 'json'

/** @param level - pino's: `silent`, `error`, `warn`, `info`, `debug`. */
export function createLog(level: string, format: LogFormat = 'text'): Log {
  return pino(
    {
      level,
      base: null,
      redact: ['*.authorization', '*.cookie', '*.token', 'token', '*.headers'],
    },
    destination(format),
  )
}

function destination(format: LogFormat): pino.DestinationStream {
  // Synchronous, so that the last line before an exit is written.
  const stderr = pino.destination({ fd: 2, sync: true })
  // A terminal that was closed takes no more lines; the relay goes on without them.
  stderr.on('error', () => undefined)
  // JSON escapes most control characters by itself, but not those that some terminals obey.
  const form = format === 'text' ? textLine : (line: string) => `${printable(line.trimEnd())}\n`
  return { write: (line) => void stderr.write(form(line)) }
}
