// Questions to the person at the notebook: `await input('name? ')`, `await input.password()`, and `prompt()` that waits in place.
import { bridge } from './bridge.ts'
import { Error, Object, String } from './primordials.ts'

/** The front end allows no questions: it runs the notebook without a person. */
export class StdinNotAllowedError extends Error {
  override name = 'StdinNotAllowedError'
}

export interface Input {
  (question?: string): Promise<string>
  /** What is typed is not shown. */
  password(question?: string): Promise<string>
}

async function ask(question: string, password: boolean): Promise<string> {
  requireStdin('input')
  return String(await bridge('input').call('input', { prompt: question, password }))
}

export const input: Input = Object.assign((question = '') => ask(question, false), {
  password: (question = '') => ask(question, true),
})

/** Asks and blocks until the answer is here; an interrupt ends the wait. */
export function prompt(question = ''): string {
  requireStdin('prompt')
  return String(bridge('prompt').callSync('input', { prompt: question, password: false }))
}

function requireStdin(name: string): void {
  if (bridge(name).cell()?.options.allowStdin === false) {
    throw new StdinNotAllowedError(
      `${name}() was called, but this front end does not allow questions (allow_stdin is false): run the cell in a notebook or console`,
    )
  }
}
