// Magics that a notebook makes with `registerMagic`: their rows. The functions are in the process
// of the cells.
import { flagsNamed, lastWord } from './flag-names.ts'
import type { Magic, MagicLine } from './magic.ts'
import type { FlagValues } from '../../../post/arguments/parser.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import type { Flag } from '../../../post/contract/flags.ts'
import { isObject } from '../protocol/json.ts'

/** Most magics that a notebook makes, flags of one, and UTF-16 units of a text in its help. */
const MAGICS = 1000
const FLAGS = 100
const TEXT = 2000
/** Most texts that Tab offers. */
const OFFERED = 500
/** Most words that `complete` gets; they are the last ones. */
const WORDS = 1000

const NAME = /^[\p{L}_][\p{L}\p{N}_-]{0,63}$/u
const FLAG = /^[a-z][a-z0-9-]{0,31}$/
const VALUE = /^[\w|.]{1,32}$/

/** Asks the function `complete` of a magic what it offers for the last of the words. */
export type AskMagic = (name: string, words: readonly string[]) => Promise<readonly string[]>

/** The table with what notebooks make. */
export class RegisteredMagics {
  readonly #table: Map<string, Magic>
  readonly #ask: AskMagic
  readonly #names = new Set<string>()

  constructor(table: Map<string, Magic>, ask: AskMagic) {
    this.#table = table
    this.#ask = ask
  }

  /** @param params - As `registerMagic` sends them. @throws {UsageError} */
  register(params: unknown): void {
    const magic = magicOf(params, this.#ask)
    const { name } = magic
    if (this.#table.has(name) && !this.#names.has(name)) {
      throw new UsageError(`%${name} is a magic of the kernel: choose another name`)
    }
    if (this.#names.size >= MAGICS) throw new UsageError(`${MAGICS} magics are registered already`)
    this.#names.add(name)
    this.#table.set(name, magic)
  }
}

function magicOf(params: unknown, ask: AskMagic): Magic {
  const { name, summary, flags, hasLine, hasCell, hasComplete } = isObject(params) ? params : {}
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new UsageError('the name of a magic is a word: letters, digits, _ and -')
  }
  const text = textOf(summary, `%${name} needs a \`summary\`, the first line of its help`)
  const rows = (Array.isArray(flags) ? flags : []).slice(0, FLAGS).map(flagOf)
  const usage = `${name} ${rows.length > 0 ? '[flags] ' : ''}[TEXT]`
  return {
    name,
    summary: text,
    ...(hasLine === true ? { line: lineOf(name, `%${usage}`, rows) } : {}),
    ...(hasCell === true ? { cell: cellOf(name, `%%${usage}`, rows) } : {}),
    ...(hasComplete === true ? { complete: completeOf(name, rows, ask) } : {}),
  }
}

function completeOf(
  name: string,
  flags: readonly Flag[],
  ask: AskMagic,
): NonNullable<Magic['complete']> {
  return async (text) => {
    const word = lastWord(text)
    const named = flagsNamed(word, flags)
    const words = text.trimStart().split(/\s+/).slice(-WORDS)
    const offered = named.length > 0 ? [] : await ask(name, words)
    return [...named, ...new Set(offered.filter((one) => one.startsWith(word)))].slice(0, OFFERED)
  }
}

function lineOf(name: string, usage: string, flags: readonly Flag[]): MagicLine {
  return {
    usage,
    flags,
    words: 0,
    hasValue: true,
    run: (args) =>
      Promise.resolve({
        action: 'use',
        use: { name, line: args.words[0] ?? '', flags: given(args.flags), body: undefined },
      }),
  }
}

function cellOf(name: string, usage: string, flags: readonly Flag[]): NonNullable<Magic['cell']> {
  return {
    usage,
    flags,
    words: 0,
    flagsFirst: true,
    async run({ flags: values, words: [typed = ''] }, context) {
      const line = await context.interpolate(typed)
      const use = { name, line, flags: given(values) }
      return context.run(context.body, { how: 'used', use })
    },
  }
}

function given(values: FlagValues): Record<string, string | true> {
  return Object.fromEntries(
    [...values].map(([name, [value = '']]) => [name, value === '' ? true : value]),
  )
}

function flagOf(params: unknown): Flag {
  const { name, short, value, description } = isObject(params) ? params : {}
  if (typeof name !== 'string' || !FLAG.test(name)) {
    throw new UsageError(
      `the name of a flag has small letters, digits and dashes, got ${String(name)}`,
    )
  }
  if (short !== undefined && (typeof short !== 'string' || !/^[A-Za-z]$/.test(short))) {
    throw new UsageError(`\`short\` of the flag ${name} is one letter`)
  }
  if (value !== undefined && (typeof value !== 'string' || !VALUE.test(value))) {
    throw new UsageError(`\`value\` of the flag ${name} is a word such as N or FILE`)
  }
  return {
    name: `--${name}`,
    description: textOf(description, `the flag ${name} needs a \`description\``),
    ...(short === undefined ? {} : { short: `-${short}` }),
    ...(value === undefined ? {} : { value }),
  }
}

function textOf(value: unknown, otherwise: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw new UsageError(otherwise)
  return value.slice(0, TEXT)
}
