// What the relay logs, in which form, and how long its audit trail is.
import { ConfigError } from './config-file.ts'
import type { ConfigFile } from './config-file.ts'
import type { LogFormat } from './log.ts'

const DAY_MS = 24 * 60 * 60_000
/** A row needs about 250 bytes. */
const AUDIT = { keepDays: 365, rows: 2_000_000 }
const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug']

/** @throws {ConfigError} */
export function parseLogLevel(env: NodeJS.ProcessEnv, mode: 'local' | 'hub'): string {
  // A local relay shares a terminal or has none, so it logs little. An admin wants to see requests.
  const level = env.JUPYTERPOST_LOG ?? (mode === 'local' ? 'warn' : 'info')
  if (LOG_LEVELS.includes(level)) return level
  throw new ConfigError(
    `JUPYTERPOST_LOG: expected one of ${LOG_LEVELS.join(', ')}, got ${JSON.stringify(level)}`,
  )
}

/** @throws {ConfigError} */
export function parseLogFormat(env: NodeJS.ProcessEnv): LogFormat {
  const format = env.JUPYTERPOST_LOG_FORMAT || 'text'
  if (format === 'text' || format === 'json') return format
  throw new ConfigError(
    `JUPYTERPOST_LOG_FORMAT: expected text or json, got ${JSON.stringify(format)}`,
  )
}

export function auditOf({ audit }: ConfigFile): { keepMs: number; rows: number } {
  const { keepDays = AUDIT.keepDays, rows = AUDIT.rows } = audit ?? {}
  return { keepMs: keepDays * DAY_MS, rows }
}
