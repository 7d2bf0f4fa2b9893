// `jupyterpost relay`: arguments, signals and exit codes. An error is one line on stderr, never a
// stack trace.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../post/arguments/usage-error.ts'
import { stateFolder } from '../post/relay/folders.ts'
import { tryLock } from '../post/relay/lock.ts'
import { privateFolder } from '../post/relay/private-file.ts'
import { relayFilePath, relayLockPath } from '../post/relay/relay-file.ts'
import { END_MS } from './closing.ts'
import { ConfigError, parseConfig } from './config.ts'
import { RelayError } from './errors.ts'
import { parseFlags } from './flags.ts'
import { announce } from './local.ts'
import { withholdMemory } from './core-dumps.ts'
import { createLog } from './log.ts'
import type { Log } from './log.ts'
import { startRelay } from './relay.ts'
import type { Relay, RelayOptions } from './relay.ts'
import { Reloading } from './reloading.ts'

const PAGE = fileURLToPath(new URL('inbox/page', import.meta.url))

/**
 * Runs until a signal, or until a local relay is idle.
 * @returns The exit code: 0 if it ended, 1 if it could not start, 2 for wrong usage.
 */
export async function main(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  options: Pick<RelayOptions, 'leaseTimes'> = {},
): Promise<number> {
  // Files that are created here, even by libraries, are for their owner only. The kernel must not
  // do this: it would change the files that cells create.
  process.umask(0o077)
  let unlock: (() => void) | undefined
  let hangUp: (() => void) | undefined
  try {
    const config = parseConfig(env, parseFlags(argv))
    const log = createLog(config.logLevel, config.logFormat)
    const danger = withholdMemory()
    if (danger !== undefined && config.mode === 'hub') log.warn(danger)
    const reloading = new Reloading(log)
    hangUp = () => void reloading.run()
    process.on('SIGHUP', hangUp)
    if (config.mode === 'local') {
      privateFolder(stateFolder(env), (line) => log.warn(line))
      unlock = tryLock(relayLockPath(env), (line) => log.warn(line))
      if (!unlock)
        return complain(`Another relay of yours is running: see ${relayFilePath(env)}`, 1)
    }
    const ended = Promise.withResolvers<void>()
    const relay = await startRelay({
      config,
      log,
      page: existsSync(PAGE) ? { root: PAGE } : undefined,
      now: Date.now,
      monotonic: () => Math.floor(performance.now()),
      random: Math.random,
      onIdle: ended.resolve,
      reloading,
      ...options,
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.resolve())
    try {
      const retract = greet(relay, env)
      await ended.promise
      endInTime(log)
      retract()
    } finally {
      // Even if the relay could not announce itself: it listens, and would go on for ever.
      await relay.close()
    }
    return 0
  } catch (error) {
    return complain(explain(error), error instanceof UsageError ? 2 : 1)
  } finally {
    if (hangUp) process.off('SIGHUP', hangUp)
    unlock?.()
  }
}

/** Ends the process even if something hangs: what was accepted is stored, as before a crash. */
function endInTime(log: Log): void {
  const end = () => {
    log.warn({ open: process.getActiveResourcesInfo() }, 'ended although something was still open')
    process.exit(0)
  }
  setTimeout(end, END_MS).unref()
}

function greet(relay: Relay, env: NodeJS.ProcessEnv): () => void {
  const { gate, port, url } = relay
  if (!gate) {
    process.stdout.write(`Relay: ${url}\n`)
    return () => undefined
  }
  const retract = announce(relayFilePath(env), gate, { port, url })
  process.stdout.write(`Relay: ${url}\n`)
  // The link lets a browser in, once, so it is for a person and not for a log file.
  // `jupyterpost inbox` makes more of them.
  if (process.stdout.isTTY) process.stdout.write(`Inbox: ${url}${gate.page.link()}\n`)
  return retract
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof RelayError) return error.message
  if (!Error.isError(error)) return String(error)
  const code = 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    return `${error.message}: another program listens there; choose another address with --listen HOST:PORT`
  }
  return error.message
}

function complain(line: string, code: number): number {
  process.stderr.write(`jupyterpost relay: ${line.replace(/(?<!\s)\s*\n\s*/g, ' ')}\n`)
  return code
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), process.env)
