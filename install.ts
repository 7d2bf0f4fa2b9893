// `jupyterpost install` and `jupyterpost doctor`; in a clone also `node install.ts` with the same
// flags. Prints every path that it writes or removes; needs Python only if asked for Python's
// prefix.
import { join, resolve } from 'node:path'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import parse from 'yargs-parser'
import { diagnose } from './install/doctor.ts'
import { jupyterDataFolder } from './post/relay/folders.ts'
import { dataPath, sysPrefix } from './install/jupyter-paths.ts'
import { installKernelspec, removeKernelspec } from './install/kernelspec.ts'
import { pythonFolder } from './install/package-root.ts'

const USAGE = `Usage: jupyterpost install [--user | --sys-prefix | --prefix DIR] [--name NAME] [--display-name TEXT]
       jupyterpost install --remove [--user | --sys-prefix | --prefix DIR] [--name NAME]

Makes the kernel known to Jupyter.
  --user              only for you (the default)
  --sys-prefix        for the active Python environment (VIRTUAL_ENV, CONDA_PREFIX, or python3's)
  --prefix DIR        below DIR/share/jupyter
  --name NAME         name of the kernelspec, default jupyterpost
  --display-name TEXT what the launcher shows, default "TypeScript (jupyterpost)"
  --remove            uninstalls it
`

const DOCTOR_USAGE = `Usage: jupyterpost doctor

Checks everything that a post from a notebook needs. For each part it says whether it works and, if not, what to do.
Exit code 1 if there is a problem.
`

const STRINGS = ['prefix', 'name', 'display-name']
const BOOLEANS = ['user', 'sys-prefix', 'remove', 'help']

interface InstallFlags {
  dataDir: string
  name: string
  displayName: string | undefined
  remove: boolean
}

class UsageError extends Error {}

const share = (prefix: string) => join(prefix, 'share', 'jupyter')

function parseFlags(argv: readonly string[]): InstallFlags | 'help' {
  const words = parse([...argv], {
    string: STRINGS,
    boolean: BOOLEANS,
    alias: { help: ['h'] },
    configuration: {
      'camel-case-expansion': false,
      'strip-aliased': true,
      'boolean-negation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
    },
  })
  const known = new Set(['_', ...STRINGS, ...BOOLEANS])
  const unknown = Object.keys(words).find((key) => !known.has(key))
  if (unknown !== undefined) throw new UsageError(`unknown flag --${unknown}`)
  if (words['help'] === true) return 'help'
  if (words._.length > 0) throw new UsageError(`unexpected word "${words._[0]}"`)
  const text = (key: string) => {
    const value: unknown = words[key]
    if (value === '') throw new UsageError(`--${key} needs a value`)
    return typeof value === 'string' ? value : undefined
  }
  const prefix = text('prefix')
  const places = [words['user'] === true, words['sys-prefix'] === true, prefix !== undefined]
  if (places.filter(Boolean).length > 1)
    throw new UsageError('--user, --sys-prefix and --prefix exclude each other')
  return {
    dataDir:
      prefix !== undefined
        ? share(prefix)
        : words['sys-prefix'] === true
          ? share(sysPrefix(process.env))
          : jupyterDataFolder(process.env),
    name: text('name') ?? 'jupyterpost',
    displayName: text('display-name'),
    remove: words['remove'] === true,
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
