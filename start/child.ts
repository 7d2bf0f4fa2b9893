// A program that runs until it is told to end: the relay, a Jupyter server. It is ended by its
// process id, politely first.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'

const KEPT_CHARACTERS = 8000
const LOOK_EVERY = 50

export interface Child {
  pid: number
  /** Resolves when it has ended, for whatever reason. */
  ended: Promise<void>
  /** Asks it to end; after `patience` ms ends it. */
  stop(patience?: number): Promise<void>
}

export interface ChildOptions<Ready> {
  env: NodeJS.ProcessEnv
  cwd: string
  /** Undefined until it can be used. */
  ready: (pid: number) => Promise<Ready | undefined>
  /** ms in which it must become ready. */
  limit: number
  /** Called as soon as it runs, long before it is ready. */
  onStarted?: ((title: string, pid: number) => void) | undefined
}

/**
 * Starts the program and resolves when it is ready.
 * @param title - For errors, such as `the relay`.
 * @throws {Error} with its last output, if it ended or was not ready in time.
 */
export async function startChild<Ready>(
  title: string,
  command: string,
  args: readonly string[],
  options: ChildOptions<Ready>,
): Promise<Child & { ready: Ready }> {
  // A process group of its own: Ctrl-C then reaches only this process, which ends its children in
  // order.
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  if (child.pid !== undefined) options.onStarted?.(title, child.pid)
  let written = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      written = (written + text).slice(-KEPT_CHARACTERS)
    })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve())
    child.once('error', reject)
  })
  const stop = (patience = 10_000) => stopChild(child, ended, patience)
  const deadline = Date.now() + options.limit
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    if (child.pid !== undefined) {
      const ready = await options.ready(child.pid)
      if (ready !== undefined) return { pid: child.pid, ended, stop, ready }
    }
    await Promise.race([wait(LOOK_EVERY), ended])
  }
  const how =
    child.exitCode === null && child.signalCode === null
      ? `was not ready after ${options.limit / 1000} s`
      : `ended with ${child.exitCode ?? child.signalCode}`
  await stop(0)
  throw new Error(`${title} ${how}:\n${written.trim()}`)
}

async function stopChild(child: ChildProcess, ended: Promise<void>, patience: number) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const hurry = setTimeout(() => child.kill('SIGKILL'), patience)
  await ended
  clearTimeout(hurry)
}
