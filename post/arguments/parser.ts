// Reads the flags in a magic's line or in a program's arguments, by a table. Values are strings,
// never numbers (`007` stays `007`). A flag that is not in the table, letter for letter, is a
// mistake.
import parser from 'yargs-parser'
import { mistake } from '../contract/flags.ts'
import type { Flag } from '../contract/flags.ts'
import { UsageError } from './usage-error.ts'

/** Name of the flag without dashes -> values as typed; a switch has `['']`. */
export type FlagValues = ReadonlyMap<string, string[]>

export interface Parsed {
  flags: FlagValues
  /** In the order typed. */
  words: string[]
}

/**
 * The words for two mistakes, which each program may choose; the others are the same everywhere.
 */
export interface Wording {
  unknown(typed: string): string
  withoutValue(flag: Flag): string
}

interface Reading {
  flags: readonly Flag[]
  wording: Wording
  /**
   * `before`: flags end at the first word, and anything before it that begins with a dash is a flag
   * (a magic's line). `anywhere`: flags may follow words, and a word may begin with one dash (`-5C`
   * in a program's arguments). In both, `--` ends the flags.
   */
  where: 'before' | 'anywhere'
}

/** @throws {UsageError} */
export function readFlags(words: readonly string[], reading: Reading): Parsed {
  refuseMistakes(words, reading)
  const { flags, wording, where } = reading
  const switches = flags.filter(({ value }) => value === undefined)
  const valued = flags.filter(({ value }) => value !== undefined)
  const { argv, error } = parser.detailed(withValues(words, reading), {
    alias: Object.fromEntries(
      flags.flatMap((flag) => (flag.short === undefined ? [] : [[key(flag), flag.short.slice(1)]])),
    ),
    boolean: switches.map(key),
    string: valued.map(key),
    narg: Object.fromEntries(valued.map((flag) => [key(flag), 1])),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': true,
      'halt-at-non-option': where === 'before',
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'short-option-groups': false,
      'unknown-options-as-args': true,
    },
  })
  if (error !== null) throw new UsageError(error.message)
  const values = new Map<string, string[]>()
  for (const flag of flags) {
    const given: unknown = argv[key(flag)]
    if (given === undefined || given === false) continue
    const texts = flag.value === undefined ? [''] : [given].flat().map(String)
    if (flag.value !== undefined && texts.includes(''))
      throw new UsageError(wording.withoutValue(flag))
    values.set(key(flag), texts)
  }
  return { flags: values, words: [...argv._, ...(argv['--'] ?? [])].map(String) }
}

/**
 * Refuses what yargs-parser would accept or word in its own way: `--no-x`, `-xy`, `--switch=1`, a
 * flag without its value.
 */
function refuseMistakes(words: readonly string[], { flags, wording, where }: Reading): void {
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]
    if (word === undefined || word === '--') return
    const flag = flagOf(word, flags)
    if (flag === undefined) {
      if (word.startsWith(where === 'before' ? '-' : '--'))
        throw new UsageError(wording.unknown(word))
      if (where === 'before') return
      continue
    }
    if (flag.value === undefined) {
      if (word.includes('=')) throw new UsageError(mistake('switchValue', { flag: flag.name }))
      continue
    }
    if (word === `${flag.name}=`) throw new UsageError(wording.withoutValue(flag))
    if (word.includes('=')) continue
    const value = words[i + 1]
    const isValue = value !== undefined && value !== '' && value !== '--'
    if (!isValue || flagOf(value, flags) !== undefined)
      throw new UsageError(wording.withoutValue(flag))
    if (where === 'before') i += 1
  }
}

/**
 * In a magic's line, each flag with its value as one word: yargs-parser takes no value that it
 * would read as a flag, such as `--no-quiet`.
 */
function withValues(words: readonly string[], { flags, where }: Reading): string[] {
  if (where === 'anywhere') return [...words]
  const joined: string[] = []
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    const flag = flagOf(word, flags)
    if (flag === undefined) return [...joined, ...words.slice(i)]
    const isApart = flag.value !== undefined && !word.includes('=')
    joined.push(isApart ? `${flag.name}=${words[++i] ?? ''}` : word)
  }
  return joined
}

/** The flag at the start of a word: `--thread`, `--thread=x` or `-i`. */
export function flagOf(word: string, flags: readonly Flag[]): Flag | undefined {
  const name = word.split('=', 1)[0]
  return flags.find(
    (flag) => flag.name === name || (flag.short !== undefined && flag.short === word),
  )
}

/** @throws {UsageError} if a flag that takes one value was given several times. */
export function checkOnce(values: FlagValues, flags: readonly Flag[]): void {
  for (const flag of flags) {
    const count = values.get(key(flag))?.length ?? 0
    if (count > 1 && flag.value !== undefined && flag.repeatable !== true)
      throw new UsageError(mistake('several', { flag: flag.name, count }))
  }
}

function key({ name }: Flag): string {
  return name.slice(2)
}
