// Programs that a magic starts: in the notebook's current folder and environment, their output is
// the cell's own and is shown as it comes, and an interrupt reaches all that they started.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { notePackages } from './changed-packages.ts'
import type { MagicContext, Surroundings } from './magic.ts'

/** How long a program may tidy up after an interrupt before it is killed, in ms. */
const GRACE = 1000
/** Most characters of a command in an error message. */
const SHOWN = 200

/** A command failed: with its exit code, or the signal that ended it. */
export class ShellError extends Error {
  override name = 'ShellError'
}

export interface Command {
  /** The program and its arguments. */
  argv: readonly [program: string, ...args: string[]]
  /** What the person typed: named if it fails. */
  typed: string
  /** For its standard input; without one it reads nothing. */
  input?: string
}

/** @throws {ShellError} if the exit code is not 0. */
export async function runCommand(
  { argv: [program, ...args], typed, input }: Command,
  { folder, env }: Surroundings,
  context: Pick<MagicContext, 'notice' | 'signal' | 'stream'>,
): Promise<void> {
  const { signal } = context
  if (!existsSync(folder)) {
    throw new ShellError(
      'The folder of the notebook does not exist any more: change to another one with process.chdir',
    )
  }
  const changedPackage = notePackages(typed, folder)
  signal.throwIfAborted()
  // Its own process group, so that an interrupt reaches what the command starts but not the kernel.
  const shell = spawn(program, args, {
    cwd: folder,
    env,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  show(shell.stdout, (text) => context.stream('stdout', text))
  show(shell.stderr, (text) => context.stream('stderr', text))
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  shell.on('error', reject)
  shell.on('close', (code, killed) => {
    if (killed !== null) resolve(`was ended by ${killed}`)
    else resolve(code === 0 ? undefined : `ended with exit code ${code}`)
  })
  // It may end before it has read everything: its exit tells us.
  shell.stdin?.on('error', () => undefined)
  shell.stdin?.end(input)
  let force: NodeJS.Timeout | undefined
  const end = () => {
    signalGroup(shell.pid, 'SIGINT')
    force = setTimeout(() => signalGroup(shell.pid, 'SIGKILL'), GRACE)
  }
  signal.addEventListener('abort', end)
  try {
    const failure = await promise
    signal.throwIfAborted()
    if (failure !== undefined) throw new ShellError(`${shortened(typed)} ${failure}`)
  } finally {
    signal.removeEventListener('abort', end)
    clearTimeout(force)
    const changed = changedPackage()
    if (changed !== undefined) context.notice(changed)
  }
}

function show(output: Readable | null, write: (text: string) => void): void {
  output?.setEncoding('utf8')
  output?.on('data', write)
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch (error) {
    // The whole group has ended already.
    if (!Error.isError(error) || !('code' in error) || error.code !== 'ESRCH') throw error
  }
}

function shortened(command: string): string {
  return `\`${command.length > SHOWN ? `${command.slice(0, SHOWN)}…` : command}\``
}
