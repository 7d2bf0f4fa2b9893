// What subcommands share: exit codes, help, and error messages without a stack trace.
import { UsageError } from '../post/arguments/usage-error.ts'
import { PostError } from '../post/contract/error.ts'

/** Exit codes (docs/posting.md). 130 is 128 plus the number of SIGINT, as in shells. */
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
  /**
   * @returns The exit code.
   * @throws {UsageError} or {PostError}, which become a message and an exit code
   */
  run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number>
}

/** `-h` counts only as the first word, because it may be a word of a message. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv[0] === '-h' || (end === -1 ? argv : argv.slice(0, end)).includes('--help')
}

/** Runs a command. An error that is no bug becomes a message on stderr. */
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
    // A full disk, a folder of somebody else: the system's message names the file.
    const isOfSystem = Error.isError(error) && 'syscall' in error
    if (error instanceof PostError || isOfSystem) {
      process.stderr.write(`jupyterpost ${name}: ${error.message}\n`)
      return EXIT.refused
    }
    throw error
  }
}
