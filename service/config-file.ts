// The file of JUPYTERPOST_CONFIG: several chat services, limits and quotas. Unknown names are
// refused, because they are typos.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

import { Limits } from '../post/contract/schema.ts'
import { InboxEntry, OutboxEntry } from './config-keeping.ts'
import { QuotaEntry } from './config-quota.ts'
import { placeInJson } from './policy/json-place.ts'

const ChatEntry = z.strictObject({
  /** Name of a row in the table of chat services. */
  type: z.string(),
  url: z.string().optional(),
  team: z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  /** Posts on their way to this service at the same time. */
  slots: z.int().min(1).max(64).optional(),
  /** Passed on to the adapter, which checks them. */
  options: z.record(z.string(), z.unknown()).optional(),
})
export type ChatEntry = z.infer<typeof ChatEntry>

const ConfigFile = z.strictObject({
  /** Keys are the names in `service:target`. */
  chats: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), ChatEntry).optional(),
  /** The service of targets without `service:`. */
  default: z.string().optional(),
  limits: Limits.omit({ html: true }).partial().optional(),
  quota: QuotaEntry.optional(),
  /** What waits for a chat that does not take it. */
  queue: z
    .strictObject({
      posts: z.int().positive().optional(),
      /** After so many days a post is given up. */
      days: z.int().min(1).max(30).optional(),
    })
    .optional(),
  outbox: OutboxEntry.exactOptional(),
  inbox: InboxEntry.exactOptional(),
  /** How much of the audit trail is kept. */
  audit: z
    .strictObject({
      keepDays: z.int().min(1).max(36_500).optional(),
      rows: z.int().min(1000).optional(),
    })
    .optional(),
  policy: z
    .strictObject({
      /** Names of people who may post with `--no-mask`. */
      unmasked: z.array(z.string().min(1)).optional(),
    })
    .optional(),
})
export type ConfigFile = z.infer<typeof ConfigFile>

/** @throws {ConfigError} */
export function readConfigFile(path: string): ConfigFile {
  const text = readSetting(path, 'JUPYTERPOST_CONFIG')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ConfigError(`JUPYTERPOST_CONFIG: expected JSON in ${path}${placeInJson(cause)}`)
  }
  const parsed = ConfigFile.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = issue?.path.join('.') || 'the top level'
  throw new ConfigError(`JUPYTERPOST_CONFIG: in ${path}, ${where}: ${issue?.message ?? 'wrong'}`)
}

/** Reads a file that a setting names. @throws {ConfigError} */
export function readSetting(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(`${setting}: cannot read ${path}, ${words(cause)}`)
  }
}

/** Says in one line which setting is wrong, what was expected and what came. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

function words(cause: unknown): string {
  return Error.isError(cause) ? (cause.message.split('\n')[0] ?? '') : String(cause)
}
