// What subcommands share: reading words by a table, and telling a person of a mistake without a stack trace.
import parser from 'yargs-parser'
import { PostError } from '../post/contract/error.ts'

/** Exit codes (design, "Promised names"; 130 is 128 and the number of SIGINT, as shells have it). */
export const EXIT = {
  accepted: 0,
  refused: 1,
  usage: 2,
  spooled: 3,
  unanswered: 4,
  interrupted: 130,
} as const

export interface Command {
  /** One line for `jupyterpost --help`. */
  summary: string
  /** What `--help` prints. */
  usage: string
  /** @returns The exit code. @throws {UsageError} or {PostError}, which become one message and a code. */
  run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number>
}

export class UsageError extends Error {
  override name = 'UsageError'
}

export interface Words {
  words: string[]
  /** Flag without dashes -> values; a switch has `['']`. */
  flags: ReadonlyMap<string, string[]>
}

/** `--name` or `-n` -> whether a value follows. */
export type FlagTable = Readonly<Record<string, { short?: string; value: boolean }>>

/** Flags of the table wherever they stand; other dash words are text (`-5C`), an unknown `--x` is a mistake; `--` ends flags. */
export function parseWords(argv: readonly string[], table: FlagTable): Words {
  refuseUnknown(argv, table)
  refuseWithoutValue(argv, table)
  const names = Object.keys(table)
  const { argv: parsed, error } = parser.detailed([...argv], {
    alias: Object.fromEntries(
      Object.entries(table).flatMap(([name, { short }]) =>
        short === undefined ? [] : [[name, short]],
      ),
    ),
    boolean: names.filter((name) => table[name]?.value === false),
    string: names.filter((name) => table[name]?.value === true),
    narg: Object.fromEntries(
      names.filter((name) => table[name]?.value === true).map((name) => [name, 1]),
    ),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'short-option-groups': false,
      'unknown-options-as-args': true,
    },
  })
  if (error !== null) throw new UsageError(error.message)
  const flags = new Map<string, string[]>()
  for (const name of names) {
    const given: unknown = parsed[name]
    if (given === undefined || given === false) continue
    const values = table[name]?.value === true ? [given].flat().map(String) : ['']
    if (table[name]?.value === true && values.includes(''))
      throw new UsageError(`--${name} needs a value`)
    flags.set(name, values)
  }
  return { words: [...parsed._, ...(parsed['--'] ?? [])].map(String), flags }
}

function refuseUnknown(argv: readonly string[], table: FlagTable): void {
  const end = argv.indexOf('--')
  for (const word of end === -1 ? argv : argv.slice(0, end)) {
    const name = /^--([^=]+)/.exec(word)?.[1]
    if (name !== undefined && table[name] === undefined)
      throw new UsageError(`Unknown flag --${name}`)
  }
}

/** The parser says it in words of its own. */
function refuseWithoutValue(argv: readonly string[], table: FlagTable): void {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  const flagOf = (word: string | undefined) =>
    Object.entries(table).find(([name, { short }]) => word === `--${name}` || word === `-${short}`)
  for (const [n, word] of words.entries()) {
    const [name, flag] = flagOf(word) ?? []
    const next = words[n + 1]
    if (flag?.value === true && (next === undefined || flagOf(next) !== undefined))
      throw new UsageError(`--${name} needs a value`)
  }
}

/** `-h` among the words of a message is one of them. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv[0] === '-h' || (end === -1 ? argv : argv.slice(0, end)).includes('--help')
}

/** Runs a command; a person's mistake is one message on stderr. */
export async function runCommand(
  name: string,
  command: Command,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  if (asksForHelp(argv)) {
    process.stdout.write(`${command.usage}\n`)
    return EXIT.accepted
  }
  try {
    return await command.run(argv, env)
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`jupyterpost ${name}: ${error.message}\n\n${command.usage}\n`)
      return EXIT.usage
    }
    // A disk that is full, a folder of somebody else: the system's words name the file.
    const isOfSystem = Error.isError(error) && 'syscall' in error
    if (error instanceof PostError || isOfSystem) {
      process.stderr.write(`jupyterpost ${name}: ${error.message}\n`)
      return EXIT.refused
    }
    throw error
  }
}
