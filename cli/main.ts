// The program `jupyterpost`: the table of its subcommands.
import { ask } from './ask.ts'
import { EXIT, runCommand } from './command.ts'
import type { Command } from './command.ts'
import { inbox } from './inbox.ts'
import { post } from './post.ts'
import { relay } from './relay.ts'
import { spool } from './spool.ts'

const COMMANDS: Readonly<Record<string, Command>> = { post, ask, inbox, spool, relay }

/** Subcommands for installing. They read their own flags, and load only when they are used. */
const INSTALL: Readonly<
  Record<string, { summary: string; run(argv: readonly string[]): Promise<number> }>
> = {
  install: {
    summary: 'make the kernel known to Jupyter, or --remove it',
    run: async (argv) => (await import('../install.ts')).runInstall(argv),
  },
  doctor: {
    summary: 'check everything that a post needs, and say what to do',
    run: async (argv) => (await import('../install.ts')).runDoctor(argv),
  },
  'python-path': {
    summary: 'print the folder that pip installs on a Hub',
    run: async () => (await import('../install.ts')).runPythonPath(),
  },
}

async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const stream = name === undefined ? process.stderr : process.stdout
    stream.write(usage())
    return name === undefined ? EXIT.usage : EXIT.accepted
  }
  if (name === '--version') {
    const { packageVersion } = await import('../install/package-root.ts')
    process.stdout.write(`${packageVersion}\n`)
    return EXIT.accepted
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined) return runCommand(name, command, rest, env)
  const install = Object.hasOwn(INSTALL, name) ? INSTALL[name] : undefined
  if (install !== undefined) return install.run(rest)
  process.stderr.write(`jupyterpost: there is no subcommand ${JSON.stringify(name)}\n\n${usage()}`)
  return EXIT.usage
}

function usage(): string {
  const rows = Object.entries({ ...COMMANDS, ...INSTALL }).map(
    ([name, { summary }]) => `  ${name.padEnd(13)}${summary}`,
  )
  return `Usage: jupyterpost SUBCOMMAND [...]\n\n${rows.join('\n')}\n\nMore: jupyterpost SUBCOMMAND --help\n`
}

process.exitCode = await main(process.argv.slice(2), process.env)
