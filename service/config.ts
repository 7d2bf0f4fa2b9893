// All settings of the relay, parsed once. If a relay on a Hub exits, it takes the Hub down with it.
// So on a Hub, only an error that keeps the relay from listening is thrown; any other becomes a
// problem that `/ready` shows.
import { userInfo } from 'node:os'
import { join } from 'node:path'

import { stateFolder } from '../post/relay/folders.ts'
import { DEFAULT_LIMITS } from '../post/contract/schema.ts'
import type { Limits } from '../post/contract/schema.ts'
import { parseChats } from './config-chats.ts'
import type { Chats } from './config-chats.ts'
import { ConfigError, readConfigFile } from './config-file.ts'
import type { ConfigFile } from './config-file.ts'
import { keptOf } from './config-keeping.ts'
import type { Kept } from './config-keeping.ts'
import { quotaOf } from './config-quota.ts'
import { hubListen, hubOptions, hubPrefix, isSecure } from './config-hub.ts'
import type { Flags } from './flags.ts'
import { auditOf, parseLogFormat, parseLogLevel } from './config-log.ts'
import type { Certificates } from './hub/certificates.ts'
import type { HubOptions } from './hub/hub-gate.ts'
import type { LogFormat } from './log.ts'
import type { Unmasked } from './policy/policy.ts'
import type { QuotaSettings } from './policy/quota.ts'

export { ConfigError } from './config-file.ts'

export interface Config extends Chats {
  mode: 'local' | 'hub'
  listen: { host: string; port: number }
  /** With these the relay serves TLS. */
  certificates: Certificates | undefined
  /** Path of the relay, with a slash at both ends. */
  prefix: string
  database: string
  hub: HubOptions | undefined
  /** The poster in local mode. */
  person: string
  limits: Limits
  quota: QuotaSettings
  /** The file of JUPYTERPOST_POLICY. */
  policyFile: string | undefined
  /** Without that file. */
  unmasked: Unmasked
  /** How many posts may wait for chats, and for how many ms each is tried. */
  queue: { posts: number; tryMs: number }
  /** What is deleted when. */
  kept: Kept
  /** How long the audit trail keeps its rows, in ms, and how many. */
  audit: { keepMs: number; rows: number }
  /** A local relay ends after this many ms without work, page or client; undefined: never. */
  idleMs: number | undefined
  logLevel: string
  logFormat: LogFormat
  /** The relay is not ready because of these. `/ready` shows them. */
  problems: string[]
  /** The relay works, but an admin should know these. `/ready` shows them too. */
  warnings: string[]
}

/** Long enough for a training run over lunch, but not for ever (docs/spec.md 5.2). */
const IDLE_MS = 30 * 60_000
const DAY_MS = 24 * 60 * 60_000
/** Beyond this a chat has been away for long, and more posts would only fill the disk. */
const MOST_WAITING = { local: 50_000, hub: 1_000_000 }
/** A chat that is away over a long weekend still gets what was posted meanwhile. */
const TRY_DAYS = 7

/** @throws {ConfigError} */
export function parseConfig(env: NodeJS.ProcessEnv, flags: Flags): Config {
  const mode = parseMode(env, flags)
  const problems: string[] = []
  const warnings: string[] = []
  const tolerant = <T>(parse: () => T, otherwise: T): T => {
    try {
      return parse()
    } catch (error) {
      if (mode === 'local' || !(error instanceof ConfigError)) throw error
      problems.push(error.message)
      return otherwise
    }
  }
  const hub = mode === 'hub' ? hubOptions(env) : undefined
  const path = flags.config ?? env.JUPYTERPOST_CONFIG
  const file = tolerant<ConfigFile | undefined>(() => (path ? readConfigFile(path) : {}), undefined)
  const chats = parseChats(env, file, tolerant)
  if (flags.mode === undefined && mode === 'local') checkOwn(chats)
  return {
    mode,
    listen: parseListen(env, flags, mode, problems),
    prefix: mode === 'hub' ? hubPrefix(env) : '/',
    database: databasePath(env, flags, mode, warnings),
    hub,
    certificates: isSecure(env) ? hub?.certificates : undefined,
    person: mode === 'local' ? userInfo().username : '',
    ...chats,
    limits: limitsOf(file ?? {}),
    quota: quotaOf(file?.quota),
    queue: queueOf(file ?? {}, mode),
    kept: keptOf(file ?? {}, mode),
    audit: auditOf(file ?? {}),
    policyFile: env.JUPYTERPOST_POLICY || undefined,
    // A local relay, its posts and its inbox belong to one person.
    unmasked: file?.policy?.unmasked ?? (mode === 'local' ? 'everyone' : []),
    idleMs: mode === 'local' ? parseIdle(env) : undefined,
    logLevel: tolerant(() => parseLogLevel(env, mode), 'info'),
    logFormat: tolerant(() => parseLogFormat(env), 'text'),
    problems,
    warnings,
  }
}

function parseMode(env: NodeJS.ProcessEnv, flags: Flags): 'local' | 'hub' {
  const mode = flags.mode ?? (env.JUPYTERHUB_SERVICE_NAME ? 'hub' : 'local')
  if (mode === 'local' || mode === 'hub') return mode
  throw new ConfigError(`--mode: expected local or hub, got ${JSON.stringify(mode)}`)
}

/**
 * A relay of a Hub that lost the variable with its name would be a local one, and the programs of
 * its user would post with the bot's token, as anybody.
 * @throws {ConfigError}
 */
function checkOwn({ chats }: Chats): void {
  const chat = chats.find(({ token }) => token !== '')
  if (!chat) return
  throw new ConfigError(
    `--mode: expected --mode local, because there is a token for ${chat.name}: everything that runs as you could post with it. A relay of a Hub needs JUPYTERHUB_SERVICE_NAME`,
  )
}

function parseListen(
  env: NodeJS.ProcessEnv,
  flags: Flags,
  mode: 'local' | 'hub',
  problems: string[],
): { host: string; port: number } {
  if (flags.listen) return hostPort(flags.listen, '--listen', mode)
  try {
    if (env.JUPYTERPOST_LISTEN) return hostPort(env.JUPYTERPOST_LISTEN, 'JUPYTERPOST_LISTEN', mode)
  } catch (error) {
    // The Hub's own setting still says where to listen, so `/ready` can show what is wrong.
    if (mode === 'local' || !env.JUPYTERHUB_SERVICE_URL || !(error instanceof ConfigError))
      throw error
    problems.push(error.message)
  }
  // Port 0 means the port of the last run (kept-port.ts). Clients find it in relay.json.
  if (mode === 'local') return { host: '127.0.0.1', port: 0 }
  return hubListen(env)
}

function hostPort(
  listen: string,
  setting: string,
  mode: 'local' | 'hub',
): { host: string; port: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:\s]+):(\d{1,5})$/.exec(listen.trim())
  const port = Number(match?.[2])
  if (!match?.[1] || port > 65535) {
    throw new ConfigError(
      `${setting}: expected host:port with a port of 0 to 65535, got ${JSON.stringify(listen)}`,
    )
  }
  const host = unbracketed(match[1])
  // Clients of a local relay know only its port (post/relay/local-relay.ts).
  if (mode === 'local' && host !== '127.0.0.1') {
    throw new ConfigError(
      `${setting}: a local relay listens at 127.0.0.1 only, got ${host}; other addresses need --mode hub`,
    )
  }
  return { host, port }
}

function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}

function databasePath(
  env: NodeJS.ProcessEnv,
  flags: Flags,
  mode: 'local' | 'hub',
  warnings: string[],
): string {
  const path = flags.database ?? env.JUPYTERPOST_DATABASE
  if (path) return path
  if (mode === 'local') return join(stateFolder(env), 'jupyterpost.sqlite')
  const here = './jupyterpost.sqlite'
  warnings.push(
    `JUPYTERPOST_DATABASE is not set: posts are stored in ${here} of the Hub's working folder`,
  )
  return here
}

function parseIdle(env: NodeJS.ProcessEnv): number | undefined {
  const text = env.JUPYTERPOST_IDLE_MINUTES
  if (text === undefined) return IDLE_MS
  const minutes = Number(text)
  if (text.trim() === '' || !Number.isFinite(minutes) || minutes < 0) {
    throw new ConfigError(
      `JUPYTERPOST_IDLE_MINUTES: expected a number of minutes, or 0 for no limit, got ${JSON.stringify(text)}`,
    )
  }
  return minutes === 0 ? undefined : minutes * 60_000
}

function limitsOf({ limits }: ConfigFile): Limits {
  return {
    files: limits?.files ?? DEFAULT_LIMITS.files,
    fileBytes: limits?.fileBytes ?? DEFAULT_LIMITS.fileBytes,
    postBytes: limits?.postBytes ?? DEFAULT_LIMITS.postBytes,
    textBytes: limits?.textBytes ?? DEFAULT_LIMITS.textBytes,
    html: true,
  }
}

function queueOf({ queue }: ConfigFile, mode: 'local' | 'hub'): Config['queue'] {
  const { posts = MOST_WAITING[mode], days = TRY_DAYS } = queue ?? {}
  return { posts, tryMs: days * DAY_MS }
}
