// Runs a program to its end and keeps all its output.
import { spawn } from 'node:child_process'

export interface Finished {
  /** Exit code; 128 if a signal ended it. */
  code: number
  stdout: string
  stderr: string
}

export function finish(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string } = {},
): Promise<Finished> {
  const { input, ...spawnOptions } = options
  const child = spawn(command, args, { ...spawnOptions, stdio: ['pipe', 'pipe', 'pipe'] })
  const finished: Finished = { code: 0, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (finished.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (finished.stderr += text))
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ ...finished, code: code ?? 128 }))
  })
}
