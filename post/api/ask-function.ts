// The types of `post.ask()`: an answer is one of the choices. There is no code to load here.
import type { PostOptions } from './post.ts'

export interface AskOptions<Otherwise extends string = string> extends Pick<
  PostOptions,
  'attachment' | 'thread' | 'url' | 'token'
> {
  /**
   * How long to wait for the answer: `90s`, `30m`, `2h`, `1d`, or a number of ms, from 1 s to 30
   * days. The default is one day.
   */
  timeout?: string | number
  /**
   * The result if nobody answers in time. Without it that is a `PostError` with the code
   * `no_answer`.
   */
  otherwise?: Otherwise
  /** Aborting it takes the question back; the promise then rejects with the signal's reason. */
  signal?: AbortSignal
}

/** One of the choices, any text if there are none, or what `otherwise` says. */
export type AnswerOf<Choices extends readonly string[], Otherwise extends string> =
  (Choices extends readonly [] ? string : Choices[number]) | Otherwise

/**
 * Asks one person in the chat and waits for the answer: one of the choices, or any text if there
 * are no choices. Only an answer of the person who was asked counts. If there is none in time, the
 * result is `otherwise`.
 *
 *     const options = { timeout: '2h', otherwise: 'no' }
 *     const ok = await post.ask('@me', 'Continue with lr=0.1?', ['yes', 'no'], options)
 *     const lr = Number(await post.ask('@me', 'Which learning rate?', { timeout: '30m' }))
 *
 * @throws {PostError} `no_answer`; `withdrawn` if it was taken back elsewhere; `dead` if the chat
 *   refuses it; `relay_away` if the relay does not take it, because questions are not kept for
 *   later.
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

/** As the caller wrote them; `ask.ts` checks them. */
export type AskArguments = readonly [channel: string, question: string, ...rest: unknown[]]

/** Gives `run` the types of `AskFunction`. */
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
