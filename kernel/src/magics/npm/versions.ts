// What the registry knows of a package, asked by `npm view`.
import { runProgram } from '../shell.ts'
import type { Surroundings } from '../magic.ts'

/** ms after which a question that only makes an answer better is given up. */
const PATIENCE = 5000

/** Oldest first; none if there is no such package, or no answer. */
export async function versionsOf(
  name: string,
  surroundings: Surroundings,
  signal?: AbortSignal,
): Promise<string[]> {
  const answer = await view([name, 'versions'], surroundings, signal)
  if (typeof answer === 'string') return [answer]
  return Array.isArray(answer) ? answer.map(String) : []
}

/** Undefined if there is no answer. */
export async function view(
  words: readonly string[],
  surroundings: Surroundings,
  signal?: AbortSignal,
): Promise<unknown> {
  let stdout = ''
  const patience = AbortSignal.timeout(PATIENCE)
  try {
    const failure = await runProgram(
      { argv: ['npm', 'view', '--json', '--fetch-retries=0', '--', ...words] },
      surroundings,
      {
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
        stdout: (text) => (stdout += text),
        stderr: () => undefined,
      },
    )
    if (failure !== undefined || stdout.trim() === '') return undefined
    const answer: unknown = JSON.parse(stdout)
    return answer
  } catch (error) {
    signal?.throwIfAborted()
    // It took too long, or it wrote no JSON.
    if (!Error.isError(error)) throw error
    return undefined
  }
}
