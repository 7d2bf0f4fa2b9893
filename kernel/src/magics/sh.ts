// `! command` and `%sh command`: /bin/sh gets the line as typed, with the notebook's current folder
// and environment. Its output is the cell's own and is shown as it comes; an interrupt reaches all
// that it started.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { notePackages } from './changed-packages.ts'
import type { LineMagicContext, Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

/** How long a program may tidy up after an interrupt before it is killed, in ms. */
const GRACE = 1000
/** Most characters of a command in an error message. */
const SHOWN = 200

/** A command failed: with its exit code, or the signal that ended it. */
export class ShellError extends Error {
  override name = 'ShellError'
}

export function shellMagic(): Magic {
  return {
    name: 'sh',
    summary:
      'Runs a shell command in the folder and environment of the notebook; `! COMMAND` is short for it.',
    line: {
      usage: '%sh COMMAND',
      flags: [],
      words: 0,
      asTyped: true,
      async run({ words: [command] }, context) {
        if (command === undefined) {
          throw new UsageError('Expected a command: `! ls -l` or `%sh ls -l`')
        }
        await runShell(command, context)
      },
    },
  }
}

/** @throws {ShellError} if the exit code is not 0. */
async function runShell(command: string, context: LineMagicContext): Promise<void> {
  const { signal, surroundings } = context
  const { folder, env } = surroundings
  if (!existsSync(folder)) {
    throw new ShellError(
      'The folder of the notebook does not exist any more: change to another one with process.chdir',
    )
  }
  const changedPackage = notePackages(command, folder)
  signal.throwIfAborted()
  // Its own process group, so that an interrupt reaches what the command starts but not the kernel.
  // The blank keeps a command that begins with a dash from being an option of the shell.
  const shell = spawn('/bin/sh', ['-c', ` ${command}`], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  show(shell.stdout, (text) => context.stream('stdout', text))
  show(shell.stderr, (text) => context.stream('stderr', text))
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  shell.on('error', reject)
  shell.on('close', (code, killed) => {
    if (killed !== null) resolve(`was ended by ${killed}`)
    else resolve(code === 0 ? undefined : `ended with exit code ${code}`)
  })
  let force: NodeJS.Timeout | undefined
  const end = () => {
    signalGroup(shell.pid, 'SIGINT')
    force = setTimeout(() => signalGroup(shell.pid, 'SIGKILL'), GRACE)
  }
  signal.addEventListener('abort', end)
  try {
    const failure = await promise
    signal.throwIfAborted()
    if (failure !== undefined) throw new ShellError(`${shortened(command)} ${failure}`)
  } finally {
    signal.removeEventListener('abort', end)
    clearTimeout(force)
    const changed = changedPackage()
    if (changed !== undefined) context.notice(changed)
  }
}

function show(output: Readable, write: (text: string) => void): void {
  output.setEncoding('utf8')
  output.on('data', write)
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
