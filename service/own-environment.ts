// The environment that a relay was started with is not left where others look: Linux shows it in /proc/PID/environ for as long as the
// program runs, also after it was changed, to every process of the same user, and the bot's token may be in it. So the relay starts
// itself anew, as the same process, with nothing in it, and is handed the whole of it in a file without a name, in memory.
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

/** Says to the second start that the environment is to be read from the standard input. */
const HANDED_OVER = 'JUPYTERPOST_ENVIRONMENT'
/** What Node, its libraries and the system's loader read before any of our code runs. */
const NEEDED_AT_START =
  /^(?:NODE_(?:OPTIONS|COMPILE_CACHE|EXTRA_CA_CERTS|USE_SYSTEM_CA|ICU_DATA)|LD_LIBRARY_PATH|SSL_CERT_(?:FILE|DIR)|OPENSSL_CONF|PATH|HOME|TZ|LANG|LC_.*|TMPDIR|UV_.*)$/
/** Linux's O_TMPFILE with its O_DIRECTORY (fcntl.h): a file without a name, gone with its last user. */
const NAMELESS = 0o20200000
const MEMORY = '/dev/shm'

const Environment = z.record(z.string(), z.string())

/** First thing in a relay: either does not return, or `env` has all that the relay was started with. Elsewhere than on Linux it does nothing. */
export function hideEnvironment(env: NodeJS.ProcessEnv): void {
  if (env[HANDED_OVER] !== undefined) takeOver(env)
  else if (process.platform === 'linux' && process.execve && handOver(env)) {
    const kept = Object.entries(env).filter(([name]) => NEEDED_AT_START.test(name))
    const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
    process.execve(process.execPath, words, { ...Object.fromEntries(kept), [HANDED_OVER]: 'stdin' })
  }
}

/** Makes the file the standard input, the only one besides stdout and stderr that outlives the new start. */
function handOver(env: NodeJS.ProcessEnv): boolean {
  closeSync(0)
  if (openNameless() === 0) {
    writeSync(0, JSON.stringify(env))
    return true
  }
  openSync('/dev/null', 'r')
  return false
}

/** @returns Undefined where there is no such folder, or it can have no such file. */
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
  // The lowest number that is free is 0.
  openSync('/dev/null', 'r')
}
