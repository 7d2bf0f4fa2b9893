// `jupyterpost install` and `jupyterpost doctor`; in a clone also `node install.ts` with the same
// flags. Prints every path that it writes or removes; needs Python only if asked for Python's
// prefix.
import { join, resolve } from 'node:path'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgv } from './post/arguments/argv.ts'
import { UsageError } from './post/arguments/usage-error.ts'
import { flagRows } from './post/arguments/usage.ts'
import type { Flag } from './post/contract/flags.ts'
import { diagnose } from './install/doctor.ts'
import { jupyterDataFolder } from './post/relay/folders.ts'
import { dataPath, sysPrefix } from './install/jupyter-paths.ts'
import { installKernelspec, removeKernelspec } from './install/kernelspec.ts'
import { pythonFolder } from './install/package-root.ts'

const FLAGS: readonly Flag[] = [
  { name: '--user', description: 'only for you (the default)' },
  {
    name: '--sys-prefix',
    description: "for the active Python environment (VIRTUAL_ENV, CONDA_PREFIX, or python3's)",
  },
  { name: '--prefix', value: 'DIR', description: 'below DIR/share/jupyter' },
  { name: '--name', value: 'NAME', description: 'name of the kernelspec, default jupyterpost' },
  {
    name: '--display-name',
    value: 'TEXT',
    description: 'what the launcher shows, default "TypeScript (jupyterpost)"',
  },
  { name: '--remove', description: 'uninstalls it' },
]
const HELP: Flag = { name: '--help', short: '-h', description: 'shows this' }

const USAGE = `Usage: jupyterpost install [--user | --sys-prefix | --prefix DIR] [--name NAME] [--display-name TEXT]
       jupyterpost install --remove [--user | --sys-prefix | --prefix DIR] [--name NAME]

Makes the kernel known to Jupyter.
${flagRows(FLAGS)}
`

const DOCTOR_USAGE = `Usage: jupyterpost doctor

Checks everything that a post from a notebook needs. For each part it says whether it works and, if not, what to do.
Exit code 1 if there is a problem.
`

interface InstallFlags {
  dataDir: string
  name: string
  displayName: string | undefined
  remove: boolean
}

const share = (prefix: string) => join(prefix, 'share', 'jupyter')

function parseFlags(argv: readonly string[]): InstallFlags | 'help' {
  const { words, flags } = parseArgv(argv, [...FLAGS, HELP])
  if (flags.has('help')) return 'help'
  if (words.length > 0) throw new UsageError(`unexpected word "${words[0]}"`)
  const text = (name: string) => flags.get(name)?.at(-1)
  const prefix = text('prefix')
  const places = [flags.has('user'), flags.has('sys-prefix'), prefix !== undefined]
  if (places.filter(Boolean).length > 1)
    throw new UsageError('--user, --sys-prefix and --prefix exclude each other')
  return {
    dataDir:
      prefix !== undefined
        ? share(prefix)
        : flags.has('sys-prefix')
          ? share(sysPrefix(process.env))
          : jupyterDataFolder(process.env),
    name: text('name') ?? 'jupyterpost',
    displayName: text('display-name'),
    remove: flags.has('remove'),
  }
}

/**
 * `jupyterpost install`.
 * @param argv - The words after `install`.
 * @returns The exit code: 0, 1 if it could not be done, 2 for wrong usage.
 */
export function runInstall(argv: readonly string[]): Promise<number> {
  return Promise.resolve(install(argv))
}

function install(argv: readonly string[]): number {
  try {
    const flags = parseFlags(argv)
    if (flags === 'help') {
      process.stdout.write(USAGE)
      return 0
    }
    if (flags.remove) {
      const removed = removeKernelspec(flags.dataDir, flags.name)
      const place = join(flags.dataDir, 'kernels', flags.name)
      process.stdout.write(removed ? `Removed ${removed}\n` : `Nothing to remove: no ${place}\n`)
      return 0
    }
    process.stdout.write(`Installed the kernel in ${installKernelspec(flags.dataDir, flags)}\n`)
    if (!dataPath(process.env).includes(resolve(flags.dataDir)))
      process.stdout.write(
        `A Jupyter of ${resolve(flags.dataDir, '../..')} finds it there; any other one needs JUPYTER_PATH=${resolve(flags.dataDir)}\n`,
      )
    return 0
  } catch (error) {
    if (!Error.isError(error)) throw error
    const usage = error instanceof UsageError
    process.stderr.write(`jupyterpost install: ${error.message}\n${usage ? `\n${USAGE}` : ''}`)
    return usage ? 2 : 1
  }
}

/**
 * `jupyterpost doctor`.
 * @param argv - The words after `doctor`.
 * @returns The exit code: 0, 1 if there is a problem, 2 for wrong usage.
 */
export async function runDoctor(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(DOCTOR_USAGE)
    return 0
  }
  if (argv.length > 0) {
    process.stderr.write(`jupyterpost doctor: unexpected "${argv[0]}"\n\n${DOCTOR_USAGE}`)
    return 2
  }
  let healthy = true
  for await (const finding of diagnose(process.env)) {
    healthy &&= finding.state !== 'problem'
    process.stdout.write(`${finding.state.padEnd(8)}${finding.about}: ${finding.text}\n`)
  }
  return healthy ? 0 : 1
}

/** `jupyterpost python-path`: the folder that pip installs on a Hub. */
export function runPythonPath(): Promise<number> {
  process.stdout.write(`${pythonFolder}\n`)
  return Promise.resolve(0)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2)
  process.exitCode =
    words[0] === 'doctor' ? await runDoctor(words.slice(1)) : await runInstall(words)
}
