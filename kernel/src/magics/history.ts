// `%history`: what was typed, in this session or in earlier ones.
import { linesNamed } from './history-lines.ts'
import type { LineMagicContext, Magic, TypedLine } from './magic.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

/** Lines that a search shows unless told otherwise. */
const FOUND = 100

const NUMBERS = { name: '--numbers', short: '-n', description: 'show the number of each line' }
const OUTPUT = { name: '--output', short: '-o', description: 'show what each line resulted in' }
const LAST = { name: '--last', short: '-l', value: 'N', description: 'only the last N lines' }
const SEARCH = {
  name: '--grep',
  short: '-g',
  value: 'PATTERN',
  description: 'lines of all sessions with PATTERN in them; `*` and `?` stand for others',
}
const UNIQUE = { name: '--unique', short: '-u', description: 'with -g: each line once' }

export function historyMagic(): Magic {
  return {
    name: 'history',
    summary: 'Prints what was typed: all of this session, or lines such as `4-6` and `~1/7`.',
    line: {
      usage: '%history [flags] [LINES...]',
      flags: [NUMBERS, OUTPUT, LAST, SEARCH, UNIQUE],
      words: 0,
      run(args, context) {
        const lines = linesOf(args, context)
        const several = new Set(lines.map(({ session }) => session)).size > 1
        const texts = lines.map((line) => textOf(line, args, several || args.flags.has('grep')))
        context.stream('stdout', texts.join(''))
        return Promise.resolve()
      },
    },
  }
}

function linesOf({ flags, words: [words] }: Parsed, context: LineMagicContext): TypedLine[] {
  const { history, executionCount } = context
  const [last] = flags.get('last') ?? []
  const count = last === undefined ? undefined : countOf(last)
  const [pattern] = flags.get('grep') ?? []
  if (pattern !== undefined) {
    if (words !== undefined) throw new UsageError('-g searches all lines: leave out LINES')
    return history.search(`*${pattern}*`, count ?? FOUND, flags.has('unique'))
  }
  const lines =
    words === undefined ? history.range(0, 0, executionCount + 1) : linesNamed(words, history)
  return count === undefined ? lines : lines.slice(-count)
}

function countOf(typed: string): number {
  if (!/^[1-9]\d{0,8}$/.test(typed))
    throw new UsageError(`Expected a number of lines, got ${typed}`)
  return Number(typed)
}

function textOf(
  { session, line, source, output }: TypedLine,
  { flags }: Parsed,
  withSession: boolean,
): string {
  const number = withSession ? `${session}/${line}` : String(line)
  const head = flags.has('numbers') || flags.has('grep') ? `${number}: ` : ''
  const result = flags.has('output') && output !== null ? `${output}\n` : ''
  return `${head}${source}\n${result}`
}
