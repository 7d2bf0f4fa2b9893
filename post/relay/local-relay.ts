// The relay of this machine. It is found through `relay.json` and started if there is none. Before
// anything is sent it must prove who it is, so that another program on its port learns neither the
// token nor a post (docs/spec.md 5.2).
import limits from '../contract/limits.json' with { type: 'json' }
import { spawn } from 'node:child_process'
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { sentence } from '../contract/sentence.ts'
import { jupyterRuntimeFolder } from './folders.ts'
import { RelayAway, requestRelay } from './http.ts'
import type { Relay } from './http.ts'
import { waitLock } from './lock.ts'
import { privateFile } from './private-file.ts'
import { Proof, RelayFile, relayFilePath, relayProof, thisMachine } from './relay-file.ts'

/** A relay starts within a second on a fast machine; a busy machine gets twenty. */
const { proofMs: PROOF_MS, startMs: START_MS } = limits.localRelay

/**
 * The running local relay; starts one if there is none.
 *
 * @param program - Node starts a local relay by this file and `relay --mode local`.
 * @throws {RelayAway} if it does not start.
 */
export async function localRelay(
  env: NodeJS.ProcessEnv,
  program: string,
  signal?: AbortSignal,
): Promise<Relay> {
  const running = await findLocalRelay(env)
  if (running !== undefined) return running
  const folder = jupyterRuntimeFolder(env)
  // If several programs need a relay at once, one starts it and the others wait.
  const release = await waitLock(join(folder, 'relay-start.lock'), START_MS)
  if (release === undefined) throw new RelayAway(sentence('otherStarts'))
  try {
    return (await findLocalRelay(env)) ?? (await startRelay({ env, program, folder }, signal))
  } finally {
    release()
  }
}

/**
 * @returns Undefined if no relay runs on this machine, or if the program at its port cannot prove
 *   to be it.
 */
export async function findLocalRelay(env: NodeJS.ProcessEnv): Promise<Relay | undefined> {
  const file = await readRelayFile(env)
  if (file === undefined) return undefined
  const machine = thisMachine()
  if (file.host !== machine.host || file.boot !== machine.boot) return undefined
  // Made from the port alone, so that a changed file cannot send the token to another host.
  const url = new URL(`http://127.0.0.1:${file.port}/`)
  return (await proves(url, file)) ? { url, token: file.token } : undefined
}

async function readRelayFile(env: NodeJS.ProcessEnv): Promise<RelayFile | undefined> {
  try {
    return RelayFile.safeParse(JSON.parse(await readFile(relayFilePath(env), 'utf8'))).data
  } catch {
    // ENOENT: there is no relay. A SyntaxError: the disk was full while the file was written.
    return undefined
  }
}

async function proves(url: URL, file: RelayFile): Promise<boolean> {
  const nonce = randomBytes(24).toString('base64url')
  try {
    const answer = Proof.parse(
      await requestRelay(
        { url, token: undefined },
        {
          method: 'GET',
          path: `api/v1/proof?nonce=${nonce}`,
          signal: AbortSignal.timeout(PROOF_MS),
        },
      ),
    )
    const expected = Buffer.from(relayProof(file.token, nonce, file.instance))
    const given = Buffer.from(answer.proof)
    return expected.length === given.length && timingSafeEqual(expected, given)
  } catch {
    // Nothing listens there, or something else does: the relay that wrote the file is gone.
    return false
  }
}

interface Start {
  env: NodeJS.ProcessEnv
  program: string
  folder: string
}

async function startRelay(
  { env, program, folder }: Start,
  signal: AbortSignal | undefined,
): Promise<Relay> {
  const logPath = join(folder, 'relay.log')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  privateFile(logPath)
  const log = openSync(logPath, 'a', 0o600)
  const child = spawn(process.execPath, [program, 'relay', '--mode', 'local'], {
    // The relay outlives the kernel, so it must not hold the notebook's folder or be in its process
    // group.
    cwd: folder,
    detached: true,
    stdio: ['ignore', log, log],
    env: relayEnvironment(env),
  })
  closeSync(log)
  const end: { reason?: string } = {}
  child.once('error', (error) => {
    end.reason = error.message
  })
  child.once('exit', (code) => {
    end.reason ??= `exit code ${code}`
  })
  child.unref()
  const deadline = performance.now() + START_MS
  while (end.reason === undefined && performance.now() < deadline) {
    const relay = await findLocalRelay(env)
    if (relay !== undefined) return relay
    await delay(20, undefined, signal === undefined ? {} : { signal })
  }
  // Another relay may have taken the lock first; then it runs now.
  const relay = await findLocalRelay(env)
  if (relay !== undefined) return relay
  const why = end.reason ?? `no answer in ${START_MS / 1000} s`
  throw new RelayAway(sentence('notStarted', { why, log: logPath }))
}

/**
 * Options that a kernel's Node was started with (an inspector's port, a loader) are not for the
 * relay.
 */
function relayEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_CHANNEL_FD: __, ...rest } = env
  return rest
}
