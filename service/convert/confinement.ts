// Starts drawing processes in such a way that malicious code in a picture, should it ever run
// there, finds nothing: with Node's permission model and an empty environment everywhere, and in
// whatever else the platform offers. What works is found out by trying.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

import { HEAP_MB } from './jobs.ts'
import { inNamespaces, NOBODY } from './namespaces.ts'
import type { Command } from './namespaces.ts'
import { readableFolders } from './package-folders.ts'

export interface ProcessKind {
  /** The file that the process runs. */
  program: string
  /** The process needs native code, which the permission model does not restrict. */
  addons: boolean
}

/** What confines a process in addition to Node's permission model. */
export type Guard = 'namespaces' | 'another user' | 'none'

export interface Confinement {
  guard: Guard
  /** Empty, unless Node needs the paths of its libraries to start. */
  env: NodeJS.ProcessEnv
}

/** The end of a line in the log: "pictures are drawn ...". */
export const GUARDS: Readonly<Record<Guard, string>> = {
  namespaces:
    'by processes without network, which can read only the package and the system libraries (namespaces)',
  'another user':
    'by processes of the user nobody, which have the network, but cannot read the files of the relay',
  none: "by processes that only Node's permission model confines: their native code can do what the relay can",
}

/** Longer than Node takes to start on a busy machine. */
const START_MS = 20_000
const LIBRARY_PATHS = ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']

/**
 * Starts a process with a channel for messages. Its first message is `ready`.
 *
 * @throws {Error} if the system cannot create it. Other failures are events, `error` or `exit`.
 */
export function startConfined(kind: ProcessKind, { guard, env }: Confinement): ChildProcess {
  const folders = readableFolders(kind.program)
  const node: Command = [
    process.execPath,
    `--max-old-space-size=${HEAP_MB}`,
    '--permission',
    // For the guard against orphans. The process gives this permission up once the guard runs.
    '--allow-worker',
    ...(kind.addons ? ['--allow-addons'] : []),
    ...folders.map((folder) => `--allow-fs-read=${folder}`),
    kind.program,
  ]
  const [command, ...words] = guard === 'namespaces' ? inNamespaces(node, folders, isRoot()) : node
  const child = spawn(command, words, {
    env,
    cwd: '/',
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    ...(guard === 'another user' ? { uid: NOBODY, gid: NOBODY } : {}),
  })
  // Others listen while they wait; but an `error` that nobody listens to would end the relay.
  child.on('error', () => undefined)
  return child
}

/** The strongest confinement in which every kind of process starts. */
export async function findConfinement(
  kinds: readonly ProcessKind[],
  signal: AbortSignal,
): Promise<Confinement> {
  for (const env of environments()) {
    for (const guard of guards()) {
      const confinement = { guard, env }
      const tried = await Promise.all(kinds.map((kind) => comesUp(kind, confinement, signal)))
      if (tried.every(Boolean)) return confinement
    }
  }
  return { guard: 'none', env: {} }
}

function environments(): NodeJS.ProcessEnv[] {
  const paths = Object.entries(process.env).filter(([name]) => LIBRARY_PATHS.includes(name))
  return paths.length === 0 ? [{}] : [{}, Object.fromEntries(paths)]
}

/** The guards that this platform may have; the strongest comes first. */
export function guards(): Guard[] {
  return [
    ...(process.platform === 'linux' ? (['namespaces'] as const) : []),
    ...(isRoot() ? (['another user'] as const) : []),
    'none',
  ]
}

async function comesUp(
  kind: ProcessKind,
  confinement: Confinement,
  signal: AbortSignal,
): Promise<boolean> {
  let child: ChildProcess
  try {
    child = startConfined(kind, confinement)
  } catch {
    return false // EINVAL: there is no such user; EAGAIN: there are too many processes
  }
  try {
    return await isReady(child, signal)
  } finally {
    child.kill('SIGKILL')
  }
}

/**
 * Waits for the first message.
 * @returns False if the process ends before it, takes too long, or `signal` aborts.
 */
export async function isReady(child: ChildProcess, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), START_MS)
  const abandon = () => resolve(false)
  signal.addEventListener('abort', abandon, { once: true })
  child
    .once('message', () => resolve(true))
    .once('exit', abandon)
    .once('error', abandon)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abandon)
    child.off('exit', abandon).off('error', abandon)
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
