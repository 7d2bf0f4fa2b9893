// How a drawing process is started, so that code which a picture brings to run in it finds nothing: Node's permission model and an empty
// environment everywhere, and around that what the platform has. Which of it works here is found by trying.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

import { HEAP_MB } from './jobs.ts'
import { inNamespaces, NOBODY } from './namespaces.ts'
import type { Command } from './namespaces.ts'
import { readableFolders } from './package-folders.ts'

export interface ProcessKind {
  /** The file that it runs. */
  program: string
  /** It needs native code, which the permission model does not bind. */
  addons: boolean
}

/** Around Node's permission model, which is always there. */
export type Guard = 'namespaces' | 'another user' | 'none'

export interface Confinement {
  guard: Guard
  /** Empty, unless Node does not start without the paths of its libraries. */
  env: NodeJS.ProcessEnv
}

/** For the log. */
export const GUARDS: Readonly<Record<Guard, string>> = {
  namespaces:
    'in namespaces: they reach no network and no file but the package and system libraries',
  'another user':
    'as the user nobody: they reach no network by Node alone, and no file of the relay',
  none: "under Node's permission model alone: native code in them is not bound",
}

/** Longer than Node takes to start on a busy machine. */
const START_MS = 20_000
const LIBRARY_PATHS = ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']

/** Starts a process with a channel for messages. Its first says `ready`. */
export function startConfined(kind: ProcessKind, { guard, env }: Confinement): ChildProcess {
  const folders = readableFolders(kind.program)
  const node: Command = [
    process.execPath,
    `--max-old-space-size=${HEAP_MB}`,
    '--permission',
    // For the guard against orphans; given up when it runs.
    '--allow-worker',
    ...(kind.addons ? ['--allow-addons'] : []),
    ...folders.map((folder) => `--allow-fs-read=${folder}`),
    kind.program,
  ]
  const [command, ...words] = guard === 'namespaces' ? inNamespaces(node, folders, isRoot()) : node
  return spawn(command, words, {
    env,
    cwd: '/',
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    ...(guard === 'another user' ? { uid: NOBODY, gid: NOBODY } : {}),
  })
}

/** The strongest confinement that every kind comes up in. */
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

/** That this platform may have, strongest first. */
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
  if (signal.aborted) return false
  const child = startConfined(kind, confinement)
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
    child.kill('SIGKILL')
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
