// `! command` and `%sh command`: the line as typed goes to /bin/sh, with the folder and the environment that the notebook has now. What it
// writes is the cell's own text, shown as it comes; an interrupt reaches all that the line started.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { notePackages } from './changed-packages.ts'
import type { LineMagicContext, Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

/** ms between the interrupt, which a program may answer by tidying up, and its end by force. */
const GRACE = 1000
/** Characters of a command in its error. */
const SHOWN = 200

/** A command that failed: its exit code, or the signal that ended it. */
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

/** @throws {ShellError} if the command does not end with 0. */
async function runShell(command: string, context: LineMagicContext): Promise<void> {
  const { signal, surroundings } = context
  const { folder, env } = surroundings
  if (!existsSync(folder)) {
    throw new ShellError(
      'The folder of the notebook is not there any more: go to another one with process.chdir',
    )
  }
  const changedPackage = notePackages(command, folder)
  signal.throwIfAborted()
  // A group of its own: what the command starts is interrupted with it, and the kernel is not.
  // The blank: a command that begins with a dash is no option of the shell.
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
    // All of it ended by itself meanwhile.
    if (!Error.isError(error) || !('code' in error) || error.code !== 'ESRCH') throw error
  }
}

function shortened(command: string): string {
  return `\`${command.length > SHOWN ? `${command.slice(0, SHOWN)}…` : command}\``
}
