// Hides the environment that the relay was started with, which may contain the bot's token. As long
// as a program runs, Linux shows its first environment to every process of the same user, in
// /proc/PID/environ, even if the program has changed it. So the relay starts again, as the same
// process, with an almost empty environment, and gets the whole of it in a nameless file in memory.
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { z } from 'zod'

/** Tells the second start to read the environment from the standard input. */
const HANDED_OVER = 'JUPYTERPOST_ENVIRONMENT'
/** Variables that Node, its libraries and the system's loader read before any of our code runs. */
const NEEDED_AT_START =
  /^(?:NODE_(?:OPTIONS|COMPILE_CACHE|EXTRA_CA_CERTS|USE_SYSTEM_CA|ICU_DATA)|LD_LIBRARY_PATH|SSL_CERT_(?:FILE|DIR)|OPENSSL_CONF|PATH|HOME|TZ|LANG|LC_.*|TMPDIR|UV_.*)$/
/** O_TMPFILE of Linux (fcntl.h): a file without a name, which is gone when nobody has it open. */
const NAMELESS = 0o20200000
const MEMORY = '/dev/shm'

const Environment = z.record(z.string(), z.string())

/**
 * The first call of a relay. It either does not return, or `env` has all that the relay was started
 * with. It does something on Linux only.
 */
export function hideEnvironment(env: NodeJS.ProcessEnv): void {
  if (env[HANDED_OVER] !== undefined) takeOver(env)
  else if (process.platform === 'linux' && process.execve && handOver(env)) {
    const kept = Object.entries(env).filter(([name]) => NEEDED_AT_START.test(name))
    const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
    process.execve(process.execPath, words, { ...Object.fromEntries(kept), [HANDED_OVER]: 'stdin' })
  }
}

/** Makes the file the standard input: only that, stdout and stderr stay open at the restart. */
function handOver(env: NodeJS.ProcessEnv): boolean {
  closeSync(0)
  if (openNameless() === 0) {
    writeSync(0, JSON.stringify(env))
    return true
  }
  openSync('/dev/null', 'r')
  return false
}

/** @returns Undefined if there is no such folder, or it cannot hold such a file. */
function openNameless(): number | undefined {
  try {
    return openSync(MEMORY, NAMELESS | constants.O_RDWR, 0o600)
  } catch {
    return undefined
  }
}

function takeOver(env: NodeJS.ProcessEnv): void {
  delete env[HANDED_OVER]
  const stats = fstatSync(0)
  if (!stats.isFile()) return
  const bytes = Buffer.alloc(stats.size)
  readSync(0, bytes, 0, bytes.length, 0)
  Object.assign(env, Environment.parse(JSON.parse(bytes.toString('utf8'))))
  ftruncateSync(0)
  closeSync(0)
  // This gets the lowest free number, which is 0.
  openSync('/dev/null', 'r')
}
