// The types of `post.ask()`: an answer is one of the choices. Loads nothing.
import type { PostOptions } from './post.ts'

export interface AskOptions<Otherwise extends string = string> extends Pick<
  PostOptions,
  'attachment' | 'thread' | 'url' | 'token'
> {
  /** How long to wait for the answer: `90s`, `30m`, `2h`, `1d`, or a number of ms; 1 s to 30 days. One day if left out. */
  timeout?: string | number
  /** The answer if there is none in time; without it that is a `PostError` with the code `no_answer`. */
  otherwise?: Otherwise
  /** Takes the question back when it is aborted; the promise then rejects with its reason. */
  signal?: AbortSignal
}

/** One of the choices, any text if there are none, or what `otherwise` says. */
export type AnswerOf<Choices extends readonly string[], Otherwise extends string> =
  (Choices extends readonly [] ? string : Choices[number]) | Otherwise

/**
 * Asks one person in the chat and waits for the answer: one of the choices, or any text if there are none. Only what the asked person
 * answers counts. Not answered in time it is `otherwise`.
 *
 *     const ok = await post.ask('@me', 'Continue with lr=0.1?', ['yes', 'no'], { timeout: '2h', otherwise: 'no' })
 *     const lr = Number(await post.ask('@me', 'Which learning rate?', { timeout: '30m' }))
 *
 * @throws {PostError} `no_answer`; `withdrawn` if it was taken back elsewhere; `dead` if the chat refuses it; `relay_away` if the relay
 *   does not take it: questions are not kept for later.
 */
export interface AskFunction {
  <const Choices extends readonly string[], const Otherwise extends string = never>(
    channel: string,
    question: string,
    choices: Choices,
    options?: AskOptions<Otherwise>,
  ): Promise<AnswerOf<Choices, Otherwise>>
  (channel: string, question: string, options?: AskOptions): Promise<string>
}

/** As written; `ask.ts` looks at what it is. */
export type AskArguments = readonly [channel: string, question: string, ...rest: unknown[]]

/** The typed face of `run`. */
export function askFunction(run: (args: AskArguments) => Promise<string>): AskFunction {
  async function ask<const Choices extends readonly string[], const Otherwise extends string>(
    channel: string,
    question: string,
    choices: Choices,
    options?: AskOptions<Otherwise>,
  ): Promise<AnswerOf<Choices, Otherwise>>
  async function ask(channel: string, question: string, options?: AskOptions): Promise<string>
  async function ask(channel: string, question: string, ...rest: unknown[]): Promise<string> {
    return run([channel, question, ...rest])
  }
  return ask
}
