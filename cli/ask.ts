// `jupyterpost ask`: a script asks a person and gets the answer on standard output. The state of
// the question is shown on standard error.
import { askAndWait } from '../post/api/asking.ts'
import { askPerson } from '../post/api/ask.ts'
import type { AskTransport, AskWords } from '../post/api/ask.ts'
import { askedText } from '../post/api/asked-text.ts'
import { PostError } from '../post/contract/error.ts'
import { typed } from '../post/api/file-types.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import { flagRows } from '../post/arguments/usage.ts'
import { flagNamed } from '../post/contract/flags.ts'
import type { Flag } from '../post/contract/flags.ts'
import { ADDRESS_FLAGS, posterOf, readArguments } from './address.ts'
import { EXIT } from './command.ts'
import type { Command } from './command.ts'
import { News } from './news.ts'

const FLAGS: readonly Flag[] = [
  {
    name: '--timeout',
    value: 'TIME',
    description: 'how long to wait: 90s, 30m, 2h, 1d; 1d if not given',
  },
  { name: '--otherwise', value: 'TEXT', description: 'the answer if nobody answers in time' },
  flagNamed('--thread'),
  ...ADDRESS_FLAGS,
]

const WORDS: AskWords = {
  person: 'a TARGET: @me or @name',
  question: 'a QUESTION',
  choices: 'CHOICEs',
  timeout: '--timeout',
  times: '90s, 30m, 2h or 1d',
  otherwise: '--otherwise',
  several: 'Ask each in a call of its own',
  example: '',
}

/** Exit codes for questions that end neither with an answer nor with a refusal. */
const ENDS: Readonly<Record<string, number>> = {
  relay_away: EXIT.spooled,
  no_answer: EXIT.unanswered,
}

export const ask: Command = {
  summary: 'ask a person and print the answer',
  usage: `Usage: jupyterpost ask TARGET QUESTION [CHOICE...] [flags]

TARGET is @me or @name. Without CHOICEs the answer is any text.

${flagRows(FLAGS)}

Exit codes: 0 answered, 1 refused, 2 usage, 3 the relay is away, 4 no answer in time, 130 interrupted (the question is taken back)`,
  async run(argv, env) {
    const words = readArguments(argv, FLAGS)
    const poster = posterOf(words, env)
    const [target, question, ...choices] = words.words
    if (target === undefined || question === undefined)
      throw new UsageError('Expected a TARGET and a QUESTION')
    const options = Object.fromEntries(
      ['timeout', 'otherwise', 'thread'].flatMap((name) => {
        const value = words.flags.get(name)?.at(-1)
        return value === undefined ? [] : [[name, value]]
      }),
    )
    const interrupt = new AbortController()
    const stop = (): void => interrupt.abort()
    // Meanwhile, because the person may answer tomorrow.
    const told = new News(env).tell(poster)
    let isAsked = false
    process.once('SIGINT', stop).once('SIGTERM', stop)
    try {
      const transport: AskTransport = {
        async ask(given) {
          isAsked = true
          return askAndWait(poster, await typed(given), {
            signal: interrupt.signal,
            onChange: (asked) => void process.stderr.write(`${askedText(asked).text}\n`),
          })
        },
      }
      const answer = await askPerson([target, question, choices, options], () => transport, WORDS)
      process.stdout.write(`${answer}\n`)
      return EXIT.accepted
    } catch (error) {
      if (interrupt.signal.aborted) return EXIT.interrupted
      if (!(error instanceof PostError)) throw error
      if (error.code === 'bad_request' && !isAsked)
        throw new UsageError(error.message, { cause: error })
      const code = ENDS[error.code]
      if (code === undefined) throw error
      process.stderr.write(`jupyterpost ask: ${error.message}\n`)
      return code
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      await told
    }
  },
}
