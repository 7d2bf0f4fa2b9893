// Runs a program to its end and keeps its last output, so that a failure can be told in its own
// words.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Shows one line of progress to the person. */
export type Say = (line: string) => void

const KEPT_LINES = 30

export interface RunOptions {
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Each line of stdout and stderr, as it comes. */
  onLine?: Say
}

export interface Ended {
  /** Exit code; 128 if a signal ended it. */
  code: number
  /** Its last lines of output. */
  tail: string
}

/** Resolves when the program has ended, with any exit code. @throws if it cannot be started. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.env && { env: options.env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  const kept: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => {
      options.onLine?.(line)
      kept.push(line)
      if (kept.length > KEPT_LINES) kept.shift()
    })
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve(status ?? 128))
  })
  return { code, tail: kept.join('\n') }
}

/** Like `run`, for a program that must succeed. @throws {Error} with its last output. */
export async function runWell(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<void> {
  const { code, tail } = await run(command, args, options)
  if (code !== 0) throw new Error(`\`${command} ${args.join(' ')}\` failed (${code}):\n${tail}`)
}

/** Whether the program can be started and ends with code 0. */
export async function runs(command: string, args: readonly string[]): Promise<boolean> {
  try {
    return (await run(command, args)).code === 0
  } catch (error) {
    // ENOENT, EACCES: there is no such program, or we may not run it.
    if (Error.isError(error) && 'code' in error) return false
    throw error
  }
}
