// `post.ask()`: turns what a person writes into a question, and its answer into one of the choices.
// The transport sends it, as for `post()`. Runs beside user code, so it relies on no global.
import limits from '../contract/limits.json' with { type: 'json' }
import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { durationText, parseDuration } from '../contract/duration.ts'
import { PostError } from '../contract/error.ts'
import { contentOf } from './content.ts'
import type { AskArguments, AskOptions } from './ask-function.ts'
import type { GivenContent } from './content.ts'
import type { PostOptions } from './post.ts'
import { Array, Math, Number, Object, Set } from '../contract/primordials.ts'
import type { Ask } from '../contract/question.ts'
import { parseTargets } from '../contract/target.ts'

export interface GivenQuestion extends GivenContent {
  /** Exactly one. */
  targets: string[]
  thread: string
  ask: Ask
}

export interface AskTransport {
  /** The answer as the relay has it: one of the trimmed choices, any text, or `otherwise`. */
  ask(question: GivenQuestion, signal: AbortSignal | undefined): Promise<string>
}

/** What the caller calls the parts of a question; used in error messages. */
export interface AskWords {
  person: string
  question: string
  choices: string
  timeout: string
  /** Example values of a timeout. */
  times: string
  otherwise: string
  /** What to do instead of asking several people at once. */
  several: string
  /** Ends the messages about a missing person or question; may be empty. */
  example: string
}

export type AskTransportOf = (address: Pick<PostOptions, 'url' | 'token'>) => AskTransport

/**
 * @throws {PostError} if the arguments are no question, the relay refuses it, or nobody answers.
 */
export async function askPerson(
  [channel, question, ...rest]: AskArguments,
  transportOf: AskTransportOf,
  words: AskWords = IN_CODE,
): Promise<string> {
  const { choices, options } = partsOf(rest)
  options.signal?.throwIfAborted()
  const ask = askOf(choices, options, words)
  const targets = targetOf(channel, words)
  if (typeof question !== 'string' || question.trim() === '')
    throw mistake(`Expected ${words.question}, got ${inspect(question)}${words.example}`)
  const content = await contentOf(question, options.attachment ?? [])
  const thread = options.thread ?? randomUUID()
  const given = { targets, thread, ...content, ask }
  const answer = await transportOf(options).ask(given, options.signal)
  const place = ask.choices.indexOf(answer)
  return choices[place] ?? answer
}

const EXAMPLE = "post.ask('@me', 'Continue?', ['yes', 'no'], { timeout: '2h', otherwise: 'no' })"

const IN_CODE: AskWords = {
  person: 'a person',
  question: 'a question as text',
  choices: 'choices',
  timeout: 'timeout',
  times: "'90s', '30m', '2h', '1d' or a number of ms",
  otherwise: 'otherwise',
  several: 'Each of several questions gets its own answer: await Promise.all([...])',
  example: `: ${EXAMPLE}`,
}

function mistake(message: string): PostError {
  return new PostError('bad_request', message)
}

function partsOf([first, second]: readonly unknown[]): {
  choices: readonly string[]
  options: AskOptions
} {
  const hasChoices = Array.isArray(first)
  const choices: unknown[] = hasChoices ? first : []
  const options = (hasChoices || first === undefined ? second : first) ?? {}
  if (typeof options !== 'object')
    throw mistake(
      `Expected choices as a list and then options as an object, got ${inspect(options)}: ${EXAMPLE}`,
    )
  const texts = choices.filter((choice) => typeof choice === 'string')
  const wrong = choices.findIndex((choice) => typeof choice !== 'string')
  if (wrong !== -1)
    throw mistake(
      `Expected choices as texts, got ${inspect(choices[wrong])} as number ${wrong + 1}`,
    )
  return { choices: texts, options: Object.assign({}, options) }
}

function targetOf(channel: string, { person, several, example }: AskWords): string[] {
  if (typeof channel !== 'string' || channel === '')
    throw new PostError('bad_target', `Expected ${person}${example}`)
  const targets = parseTargets(channel)
  if (targets.length > 1)
    throw new PostError(
      'bad_target',
      `Expected one person to ask, got ${targets.length}: ${channel}. ${several}`,
    )
  return targets
}

/** The contract (`Ask`) has the same limits. */
const { ask: most } = limits

function askOf(
  given: readonly string[],
  { timeout = most.defaultMs, otherwise }: AskOptions,
  words: AskWords,
): Ask {
  const choices = given.map((choice) => choice.trim())
  if (choices.length > most.choices)
    throw mistake(`Expected at most ${most.choices} ${words.choices}, got ${choices.length}`)
  for (const choice of choices) {
    if (choice === '' || choice.length > most.choice)
      throw mistake(
        `Expected ${words.choices} of 1 to ${most.choice} characters, got one of ${choice.length}`,
      )
  }
  if (new Set(choices.map((choice) => choice.toLowerCase())).size < choices.length)
    throw mistake(`Expected ${words.choices} that a reader can tell apart, got ${inspect(choices)}`)
  if (otherwise !== undefined && typeof otherwise !== 'string')
    throw mistake(`Expected ${words.otherwise} to be text, got ${inspect(otherwise)}`)
  if (otherwise !== undefined && otherwise.length > most.otherwise)
    throw mistake(
      `Expected ${words.otherwise} of at most ${most.otherwise} characters, got ${otherwise.length}`,
    )
  const timeoutMs = millisecondsOf(timeout, words)
  return { choices, timeoutMs, ...(otherwise === undefined ? {} : { otherwise }) }
}

function millisecondsOf(timeout: string | number, words: AskWords): number {
  const ms = typeof timeout === 'string' ? parseDuration(timeout) : timeout
  if (Number.isFinite(ms) && ms !== undefined && ms >= most.shortestMs && ms <= most.longestMs)
    return Math.round(ms)
  throw mistake(
    `Expected ${words.timeout} to be a time from ${durationText(most.shortestMs)} to ${durationText(most.longestMs)} like ${words.times}, ` +
      `got ${inspect(timeout)}`,
  )
}
