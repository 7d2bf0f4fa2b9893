// The words of a magic's line, by its table of flags. Values are strings, never numbers (`007` stays `007`); what follows
// the words is taken as typed: quotes, spaces and dashes included.
import { checkOnce, flagOf, readFlags } from '../../../post/arguments/parser.ts'
import type { FlagValues, Parsed, Wording } from '../../../post/arguments/parser.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import { usageText } from '../../../post/arguments/usage.ts'
import { mistake } from '../../../post/contract/flags.ts'
import type { Flag } from '../../../post/contract/flags.ts'
import { joined, tokenize, typed } from './tokens.ts'
import type { Token } from './tokens.ts'

export interface ArgumentTable {
  usage: string
  flags: readonly Flag[]
  /** Flags are read before this many words; then the rest of the line is one word. */
  words: number
}

/**
 * Flags before the words only; `--` ends them, before the words or after. `%post --quiet @me -5C` has the message `-5C`.
 *
 * @throws {UsageError} also of a flag right after the words: it would be posted as text.
 */
export function parseLineArguments(line: string, table: ArgumentTable): Parsed {
  return withUsage(table, () => {
    const { flags, rest, ended } = leading(line, table)
    const { words, tokens, end } = takeWords(line, rest, table.words)
    const next = table.words === 0 || ended ? undefined : tokens[0]
    if (next !== undefined && flagOf(typed(line, next), table.flags) !== undefined)
      throw misplacedFlag(line, rest, table)
    const message = line.slice(next?.text === '--' ? next.end : end).trim()
    return { flags, words: message === '' ? words : [...words, message] }
  })
}

/** A flag that stands right after the words: the line as it should have been, for either meaning. */
function misplacedFlag(line: string, rest: Token[], table: ArgumentTable): UsageError {
  const words = rest.slice(0, table.words)
  const tokens = rest.slice(table.words)
  const first = tokens[0]
  const moved: string[] = []
  for (let token = tokens[0]; token !== undefined; token = tokens[0]) {
    const flag = flagOf(typed(line, token), table.flags)
    if (flag === undefined) break
    tokens.shift()
    moved.push(flag.value === undefined ? flag.name : typed(line, token))
    if (flag.value === undefined || token.text.includes('=')) continue
    const value = tokens.shift()
    moved.push(value === undefined ? flag.value : typed(line, value))
  }
  const name = first?.text.split('=', 1)[0] ?? ''
  const magic = table.usage.split(' ', 1)[0] ?? ''
  const before = line.slice(0, words[0]?.start).trim()
  const target = words.map((word) => typed(line, word)).join(' ')
  const written = (...parts: string[]) => [magic, ...parts].filter((part) => part !== '').join(' ')
  const message = tokens[0] === undefined ? '' : line.slice(tokens[0].start).trim()
  const text = first === undefined ? '' : line.slice(first.start).trim()
  const right = written(before, ...moved, target, message)
  const asText = written(before, target, '--', text)
  return new UsageError(mistake('order', { flag: name, right, asText }))
}

/** As `parseLineArguments`, and after the words flags of the table are still flags, an unknown `--x` is a mistake. */
export function parseCellArguments(line: string, table: ArgumentTable): Parsed {
  return withUsage(table, () => {
    const { flags, rest } = leading(line, table)
    const { words, tokens } = takeWords(line, rest, table.words)
    let merged = flags
    const title: Token[] = []
    for (let i = 0; i < tokens.length; i += 1) {
      const token = tokens[i]
      if (token === undefined) break
      if (token.text === '--') {
        title.push(...tokens.slice(i + 1))
        break
      }
      const flag = flagOf(token.text, table.flags)
      if (flag === undefined) {
        if (/^--[a-z]/i.test(token.text)) throw new UsageError(wordingOf(table).unknown(token.text))
        title.push(token)
        continue
      }
      const takesNext = flag.value !== undefined && !token.text.includes('=')
      const pair = tokens.slice(i, takesNext ? i + 2 : i + 1)
      merged = merge(
        merged,
        leadingFlags(
          pair.map(({ text }) => text),
          table,
        ).flags,
      )
      i += pair.length - 1
    }
    checkOnce(merged, table.flags)
    const text = joined(line, title)
    return { flags: merged, words: text === '' ? words : [...words, text] }
  })
}

/** No flags: the line is its only word. */
export function parseWholeLine(line: string): Parsed {
  const text = line.trim()
  return { flags: new Map(), words: text === '' ? [] : [text] }
}

function leading(line: string, table: ArgumentTable) {
  const tokens = tokenize(line)
  const { flags, words } = leadingFlags(
    tokens.map((token) => token.text),
    table,
  )
  const used = tokens.length - words.length
  return { flags, rest: tokens.slice(used), ended: tokens[used - 1]?.text === '--' }
}

function leadingFlags(tokens: readonly string[], table: ArgumentTable): Parsed {
  const { flags } = table
  const parsed = readFlags(tokens, { flags, wording: wordingOf(table), where: 'before' })
  checkOnce(parsed.flags, flags)
  return parsed
}

function takeWords(line: string, tokens: Token[], count: number) {
  const words = tokens.slice(0, count)
  return {
    words: words.map((token) => token.text),
    tokens: tokens.slice(count),
    end: words.at(-1)?.end ?? tokens[0]?.start ?? line.length,
  }
}

function merge(before: FlagValues, after: FlagValues): FlagValues {
  const merged = new Map(before)
  for (const [name, values] of after) {
    const known = merged.get(name) ?? []
    // A switch that is given twice is on, as if given once.
    const isSwitch = values.includes('')
    merged.set(name, isSwitch ? values : [...known, ...values])
  }
  return merged
}

function wordingOf({ words }: ArgumentTable): Wording {
  return {
    unknown: (flag) => (words > 0 ? mistake('unknown', { flag }) : `Unknown flag ${flag}`),
    withoutValue: ({ name, value = '' }) => mistake('withoutValue', { flag: name, value }),
  }
}

function withUsage(table: ArgumentTable, parse: () => Parsed): Parsed {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${error.message}\n${usageText(table)}`, { cause: error })
  }
}
