// `relay.json`: how a client finds the relay of this machine, and how that relay proves that it
// wrote the file. The relay writes it (0600) once it listens and removes it when it ends; clients
// only read it.
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { jupyterRuntimeFolder } from './folders.ts'

export const RelayFile = z.object({
  /**
   * Host name and boot id. The file is ignored if it is from another host (with a shared home
   * folder) or from an earlier boot.
   */
  host: z.string(),
  boot: z.string(),
  pid: z.int().positive(),
  port: z.int().min(1).max(65535),
  /** `http://127.0.0.1:PORT/` */
  url: z.string(),
  /** New at each start of a relay. */
  instance: z.string().min(1),
  token: z.string().min(32),
})
export type RelayFile = z.infer<typeof RelayFile>

/** The answer to `GET api/v1/proof?nonce=`, which needs no token. */
export const Proof = z.object({ instance: z.string(), proof: z.string() })
export type Proof = z.infer<typeof Proof>

/** The values that `host` and `boot` must have on this machine. */
export function thisMachine(): { host: string; boot: string } {
  return { host: hostname(), boot: bootId() }
}

function bootId(): string {
  // Only Linux has a boot id. Elsewhere only the proof tells a running relay from an old file.
  if (process.platform !== 'linux') return 'unknown'
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

/**
 * HMAC-SHA256 over nonce, newline and instance id, with the token as key; in lower-case hex.
 *
 * @param nonce - 16 to 128 characters of `[A-Za-z0-9_-]`, new for each request.
 */
export function relayProof(token: string, nonce: string, instance: string): string {
  return createHmac('sha256', token).update(`${nonce}\n${instance}`).digest('hex')
}

/** `relay.json` in the Jupyter runtime folder. */
export function relayFilePath(env: NodeJS.ProcessEnv): string {
  return join(jupyterRuntimeFolder(env), 'relay.json')
}

/**
 * A running relay holds this lock as long as it lives; a second relay that finds it taken ends at
 * once.
 */
export function relayLockPath(env: NodeJS.ProcessEnv): string {
  return join(jupyterRuntimeFolder(env), 'relay.lock')
}
