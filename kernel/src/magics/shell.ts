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
  command: Command,
  surroundings: Surroundings,
  context: Pick<MagicContext, 'notice' | 'signal' | 'stream'>,
): Promise<void> {
  const changedPackage = notePackages(command.typed, surroundings.folder)
  try {
    const failure = await runProgram(command, surroundings, {
      signal: context.signal,
      stdout: (text) => context.stream('stdout', text),
      stderr: (text) => context.stream('stderr', text),
    })
    if (failure !== undefined) throw new ShellError(`${shortened(command.typed)} ${failure}`)
  } finally {
    const changed = changedPackage()
    if (changed !== undefined) context.notice(changed)
  }
}

export interface ProgramListener {
  signal: AbortSignal
  /** ms to tidy up after an interrupt. */
  grace?: number
  stdout: (text: string) => void
  stderr: (text: string) => void
}

/**
 * Runs a program to its end. Rejects with the signal's reason after an interrupt, once the program
 * and all that it started are gone, and if the program cannot be started.
 *
 * @returns How it failed, in words; undefined if it did not.
 */
export async function runProgram(
  { argv: [program, ...args], input }: Omit<Command, 'typed'>,
  { folder, env }: Surroundings,
  { signal, grace = GRACE, stdout, stderr }: ProgramListener,
): Promise<string | undefined> {
  if (!existsSync(folder)) {
    throw new ShellError(
      'The folder of the notebook does not exist any more: change to another one with process.chdir',
    )
  }
  signal.throwIfAborted()
  // Its own process group, so that an interrupt reaches what the command starts but not the kernel.
  const child = spawn(program, args, {
    cwd: folder,
    env,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  show(child.stdout, stdout)
  show(child.stderr, stderr)
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  child.on('error', reject)
  child.on('close', (code, killed) => {
    if (killed !== null) resolve(`was ended by ${killed}`)
    else resolve(code === 0 ? undefined : `ended with exit code ${code}`)
  })
  // It may end before it has read everything: its exit tells us.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  let force: NodeJS.Timeout | undefined
  const end = () => {
    signalGroup(child.pid, 'SIGINT')
    force = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), grace)
  }
  signal.addEventListener('abort', end)
  try {
    const failure = await promise
    signal.throwIfAborted()
    return failure
  } finally {
    signal.removeEventListener('abort', end)
    clearTimeout(force)
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
