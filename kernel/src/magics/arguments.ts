// The words of a magic's line, by its table of flags. Values are strings, never numbers (`007` stays `007`); what follows
// the words is taken as typed: quotes, spaces and dashes included.
import parser from 'yargs-parser'
import type { Flag } from '../../../post/contract/flags.ts'
import type { Parsed } from './magic.ts'
import { UsageError } from './magic.ts'
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
  const { flags, rest, ended } = leading(line, table)
  const { words, tokens, end } = takeWords(line, rest, table.words)
  const next = table.words === 0 || ended ? undefined : tokens[0]
  if (next !== undefined && flagOf(typed(line, next), table) !== undefined)
    throw misplacedFlag(line, rest, table)
  const message = line.slice(next?.text === '--' ? next.end : end).trim()
  return { flags, words: message === '' ? words : [...words, message] }
}

/** A flag that stands right after the words: the line as it should have been, for either meaning. */
function misplacedFlag(line: string, rest: Token[], table: ArgumentTable): UsageError {
  const words = rest.slice(0, table.words)
  const tokens = rest.slice(table.words)
  const first = tokens[0]
  const moved: string[] = []
  for (let token = tokens[0]; token !== undefined; token = tokens[0]) {
    const flag = flagOf(typed(line, token), table)
    if (flag === undefined) break
    tokens.shift()
    moved.push(typed(line, token))
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
  return new UsageError(
    `${name} comes before TARGET: ${written(before, ...moved, target, message)}\n` +
      `A MESSAGE that begins with it is written after --: ${written(before, target, '--', text)}\n${usageText(table)}`,
  )
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
  return { flags, rest: tokens.slice(used), ended: tokens[used - 1]?.text === '--' }
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
    if (flag.value === undefined && token.includes('='))
      throw new UsageError(`${flag.name} takes no value\n${usageText(table)}`)
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
