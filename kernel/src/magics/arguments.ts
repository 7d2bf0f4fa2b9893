// The words of a magic's line, by its table of flags. Values are strings, never numbers (`007` stays `007`); what follows
// the words is taken as typed: quotes, spaces and dashes included.
import parser from 'yargs-parser'
import type { Flag, Parsed } from './magic.ts'
import { UsageError } from './magic.ts'

export interface ArgumentTable {
  usage: string
  flags: readonly Flag[]
  /** Flags are read before this many words; then the rest of the line is one word. */
  words: number
}

interface Token {
  /** Without its quotes. */
  text: string
  start: number
  end: number
}

/** Flags before the words only; `--` ends them. `%post --quiet @me -5C` has the message `-5C`. */
export function parseLineArguments(line: string, table: ArgumentTable): Parsed {
  const { flags, rest } = leading(line, table)
  const { words, end } = takeWords(line, rest, table.words)
  const message = line.slice(end).trim()
  return { flags, words: message === '' ? words : [...words, message] }
}

/** As `parseLineArguments`, and after the words flags of the table are still flags, an unknown `--x` is a mistake. */
export function parseCellArguments(line: string, table: ArgumentTable): Parsed {
  const { flags, rest } = leading(line, table)
  const { words, tokens } = takeWords(line, rest, table.words)
  const flagTokens: string[] = []
  const title: Token[] = []
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]
    if (token === undefined) break
    if (token.text === '--') {
      title.push(...tokens.slice(i + 1))
      break
    }
    const flag = flagOf(token.text, table)
    if (flag === undefined) {
      if (/^--[a-z]/i.test(token.text)) throw unknownFlag(token.text, table)
      title.push(token)
      continue
    }
    flagTokens.push(token.text)
    const value = tokens[i + 1]
    if (flag.value !== undefined && !token.text.includes('=') && value !== undefined) {
      flagTokens.push(value.text)
      i += 1
    }
  }
  const merged = merge(flags, parseFlags(flagTokens, table).flags, table)
  const text = joined(line, title)
  return { flags: merged, words: text === '' ? words : [...words, text] }
}

/** No flags: the line is its only word. */
export function parseWholeLine(line: string): Parsed {
  const text = line.trim()
  return { flags: new Map(), words: text === '' ? [] : [text] }
}

function leading(line: string, table: ArgumentTable) {
  const tokens = tokenize(line)
  const { flags, used } = parseFlags(
    tokens.map((token) => token.text),
    table,
  )
  return { flags, rest: tokens.slice(used) }
}

function takeWords(line: string, tokens: Token[], count: number) {
  const words = tokens.slice(0, count)
  return {
    words: words.map((token) => token.text),
    tokens: tokens.slice(count),
    end: words.at(-1)?.end ?? tokens[0]?.start ?? line.length,
  }
}

/** Reads flags up to the first word; `used` counts their tokens, a `--` included. */
function parseFlags(tokens: string[], table: ArgumentTable) {
  refuseUnknown(tokens, table)
  const switches = table.flags.filter((flag) => flag.value === undefined)
  const valued = table.flags.filter((flag) => flag.value !== undefined)
  const { argv, error } = parser.detailed(tokens, {
    alias: Object.fromEntries(
      table.flags.flatMap((flag) =>
        flag.short === undefined ? [] : [[key(flag), flag.short.slice(1)]],
      ),
    ),
    boolean: switches.map(key),
    string: valued.map(key),
    narg: Object.fromEntries(valued.map((flag) => [key(flag), 1])),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': true,
      'halt-at-non-option': true,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'short-option-groups': false,
      'unknown-options-as-args': true,
    },
  })
  if (error !== null) throw new UsageError(`${error.message}\n${usageText(table)}`)
  const words = argv._.map(String)
  const afterDashes = argv['--']?.length
  const flags = new Map<string, string[]>()
  for (const flag of table.flags) {
    const given: unknown = argv[key(flag)]
    if (given === undefined || given === false) continue
    const values = flag.value === undefined ? [''] : [given].flat().map(String)
    if (flag.value !== undefined && values.some((value) => value === '')) throw noValue(flag, table)
    flags.set(key(flag), values)
  }
  checkOnce(flags, table)
  const used = tokens.length - words.length - (afterDashes ?? 0)
  return { flags, used }
}

/** The parser takes `--no-x` and `-xy` in ways of its own; here a flag is in the table, letter for letter, or a mistake. */
function refuseUnknown(tokens: readonly string[], table: ArgumentTable): void {
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]
    if (token === undefined || token === '--' || !token.startsWith('-')) return
    const flag = flagOf(token, table)
    if (flag === undefined) throw unknownFlag(token, table)
    if (flag.value === undefined || token.includes('=')) continue
    i += 1
    if (tokens[i] === undefined) throw noValue(flag, table)
  }
}

function noValue({ name, value }: Flag, table: ArgumentTable): UsageError {
  return new UsageError(`${name} needs a value: ${name} ${value}\n${usageText(table)}`)
}

function merge(before: Map<string, string[]>, after: Map<string, string[]>, table: ArgumentTable) {
  const merged = new Map(before)
  for (const [name, values] of after) merged.set(name, [...(merged.get(name) ?? []), ...values])
  checkOnce(merged, table)
  return merged
}

function checkOnce(flags: ReadonlyMap<string, string[]>, table: ArgumentTable): void {
  for (const flag of table.flags) {
    const values = flags.get(key(flag)) ?? []
    if (values.length > 1 && flag.value !== undefined && flag.repeatable !== true) {
      throw new UsageError(
        `${flag.name} was given ${values.length} times, it takes one value\n${usageText(table)}`,
      )
    }
  }
}

function flagOf(token: string, table: ArgumentTable): Flag | undefined {
  const name = token.split('=', 1)[0]
  return table.flags.find(
    (flag) => flag.name === name || (flag.short === token && flag.short !== undefined),
  )
}

function unknownFlag(token: string, table: ArgumentTable): UsageError {
  const hint = table.words > 0 ? '; text that starts with a dash comes after TARGET' : ''
  return new UsageError(`Unknown flag ${token}${hint}\n${usageText(table)}`)
}

/** Usage line and flags, as help and as the end of each usage error. */
export function usageText(table: ArgumentTable): string {
  const rows = table.flags.map((flag) => {
    const names = flag.short === undefined ? flag.name : `${flag.short}, ${flag.name}`
    return [flag.value === undefined ? names : `${names} ${flag.value}`, flag.description] as const
  })
  const width = Math.max(0, ...rows.map(([names]) => names.length))
  return [
    `Usage: ${table.usage}`,
    ...rows.map(([names, description]) => `  ${names.padEnd(width)}  ${description}`),
  ].join('\n')
}

function key(flag: Flag): string {
  return flag.name.replace(/^--/, '')
}

/** Words apart by blanks; quotes hold one together only if they surround it whole: `don't` is a word. */
function tokenize(line: string): Token[] {
  const tokens: Token[] = []
  for (const match of line.matchAll(/(--?[\w-]+=)?(?:"([^"]*)"|'([^']*)')(?=\s|$)|\S+/g)) {
    const [whole, name = '', double, single] = match
    const quoted = double ?? single
    tokens.push({
      text: quoted === undefined ? whole : name + quoted,
      start: match.index,
      end: match.index + whole.length,
    })
  }
  return tokens
}

/** The text of the tokens as typed, blanks between neighbours included. */
function joined(line: string, tokens: readonly Token[]): string {
  let text = ''
  let previous: Token | undefined
  for (const token of tokens) {
    const between = previous === undefined ? '' : line.slice(previous.end, token.start)
    text += (between.trim() === '' ? between : ' ') + line.slice(token.start, token.end)
    previous = token
  }
  return text
}
