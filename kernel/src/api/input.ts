// Questions to the person at the notebook: `await input('name? ')`, `await input.password()`, and
// those known from browsers, which block: `prompt()`, `confirm()`, `alert()`.
import console from 'node:console'
import { StdinNotAllowedError } from '../protocol/stdin-not-allowed.ts'
import { bridge } from './bridge.ts'
import { Object, String } from './primordials.ts'
import { isEndOfInput } from './unanswered.ts'

export interface Input {
  (question?: string): Promise<string>
  /** Hides what is typed. */
  password(question?: string): Promise<string>
}

async function ask(question: string, password: boolean): Promise<string> {
  requireStdin('input')
  return String(await bridge('input').call('input', { prompt: question, password }))
}

export const input: Input = Object.assign((question = '') => ask(question, false), {
  password: (question = '') => ask(question, true),
})

/**
 * Asks and blocks until the answer is here; an interrupt ends the wait.
 *
 * @param question - Shown beside the box, followed by `[initial]` if there is one.
 * @param initial - What an empty answer means.
 * @returns The answer; null if the person ended the input (Ctrl-D) instead.
 * @throws {StdinNotAllowedError} if nobody can answer: the front end does not allow questions, or
 *   the cell has ended.
 */
export function prompt(question: unknown = '', initial: unknown = ''): string | null {
  const [asked, given] = [String(question), String(initial)]
  const fallback = initial === null ? '' : given
  const answer = askInPlace('prompt', fallback === '' ? asked : `${spaced(asked)}[${fallback}] `)
  return answer === '' ? fallback : answer
}

/** True for `y` and `yes`, in any case. @throws {StdinNotAllowedError} as `prompt` does. */
export function confirm(question: unknown = ''): boolean {
  const answer = askInPlace('confirm', `${spaced(String(question))}[y/N] `)
  return answer !== null && /^\s*y(?:es)?\s*$/i.test(answer)
}

/** Shows a text and waits for Enter; where nobody can press it, prints the text. */
export function alert(message: unknown = ''): void {
  const text = String(message)
  if (isAllowed('alert')) askInPlace('alert', `${spaced(text)}[Enter] `)
  else console.log(text)
}

function askInPlace(name: string, question: string): string | null {
  requireStdin(name)
  try {
    return String(bridge(name).callSync('input', { prompt: question, password: false }))
  } catch (error) {
    if (isEndOfInput(error)) return null
    throw error
  }
}

/** With a blank at the end, for what follows. */
function spaced(question: string): string {
  return question === '' || /\s$/.test(question) ? question : `${question} `
}

function isAllowed(name: string): boolean {
  return bridge(name).cell()?.options.allowStdin !== false
}

function requireStdin(name: string): void {
  if (!isAllowed(name)) throw new StdinNotAllowedError()
}
