// What subcommands share: exit codes, help, and mistakes that are shown without a stack trace.
import { UsageError } from '../post/arguments/usage-error.ts'
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
