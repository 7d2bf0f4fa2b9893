// Questions to the person at the notebook: `await input('name? ')`, `await input.password()`, and `prompt()` that waits in place.
import { StdinNotAllowedError } from '../protocol/stdin-not-allowed.ts'
import { bridge } from './bridge.ts'
import { Object, String } from './primordials.ts'

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
    throw new StdinNotAllowedError()
  }
}
