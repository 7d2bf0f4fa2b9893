// Runs a program to its end, for tests that check its output.
import { execFile } from 'node:child_process'

export interface Ran {
  code: number | string | null
  stdout: string
  stderr: string
}

/** Never rejects: failure is a result too. Inherits the environment except Jupyter's variables. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> },
): Promise<Ran> {
  const { cwd, env } = options
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:JUPYTER|JPY_)/.test(name))
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      {
        encoding: 'utf8',
        env: { ...Object.fromEntries(inherited), ...env },
        ...(cwd === undefined ? {} : { cwd }),
      },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr })
      },
    )
  })
}
