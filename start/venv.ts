// Python environments inside the clone: made when first needed, then reused without the network as
// long as their requirements are the same. Each installed requirements file leaves its hash in the
// environment; a half-made environment has none and is made anew.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { canInstallDebian, installDebian } from './debian.ts'
import { holdLock } from './lock.ts'
import { run, runs, runWell } from './run.ts'
import type { Say } from './run.ts'

const OLDEST_PYTHON = [3, 10] as const
const CANDIDATES = [
  'python3',
  '/usr/bin/python3',
  'python3.14',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
  'python',
]
const VERSION_CHECK = `import sys; sys.exit(sys.version_info[:2] < (${OLDEST_PYTHON.join(', ')}))`
/** Debian's Python lacks these two until python3-venv is installed. */
const VENV_CHECK = `import venv; from ensurepip import version; ${VERSION_CHECK}`
const NEWS_EVERY = 5000

export interface Venv {
  /** Absolute path of the environment. */
  folder: string
  /** Requirements files, installed in this order. */
  requirements: readonly string[]
}

/** Path of a program in the environment. */
export const inVenv = (folder: string, program: string): string => join(folder, 'bin', program)

/**
 * Makes the environment, or the missing parts of it.
 * @throws {Error} with words for the person: no Python, an environment cannot be made, pip failed.
 */
export async function prepareVenv(venv: Venv, say: Say): Promise<void> {
  if (await isReady(venv)) return
  using _lock = await holdLock(lockPath(venv.folder), say)
  if (await isReady(venv)) return
  if (!(await runs(inVenv(venv.folder, 'python'), ['-m', 'pip', '--version'])))
    await createVenv(venv.folder, say)
  for (const file of venv.requirements) {
    if (readStamp(venv.folder, file) === hash(file)) continue
    await pipInstall(venv.folder, file, say)
    const stamp = stampPath(venv.folder, file)
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, hash(file))
  }
}

async function isReady({ folder, requirements }: Venv): Promise<boolean> {
  if (requirements.some((file) => readStamp(folder, file) !== hash(file))) return false
  // The Python that it was made from may have been removed.
  return runs(inVenv(folder, 'python'), ['--version'])
}

/** Next to the environment, since it is needed before the environment exists. */
const lockPath = (folder: string) => join(dirname(folder), '.state', `${basename(folder)}.lock`)
const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
const stampPath = (folder: string, file: string) => join(folder, '.installed', basename(file))

function readStamp(folder: string, file: string): string | undefined {
  try {
    return readFileSync(stampPath(folder, file), 'utf8')
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function findPython(check: string): Promise<string | undefined> {
  for (const candidate of CANDIDATES) if (await runs(candidate, ['-c', check])) return candidate
  return undefined
}

async function createVenv(folder: string, say: Say): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  say(`Making the Python environment ${folder}`)
  const python = await findPython(VENV_CHECK)
  if (python !== undefined) return runWell(python, ['-m', 'venv', folder])
  const bare = await findPython(VERSION_CHECK)
  if (bare !== undefined)
    for (const [command, ...words] of [
      [bare, '-m', 'virtualenv'],
      ['virtualenv', '--python', bare],
    ] as const)
      if (await runs(command, [...words.slice(0, 2), '--version']))
        return runWell(command, [...words, folder])
  if (await canInstallDebian()) {
    await installDebian(['python3-venv'], 'to make Python environments for Jupyter', say)
    const debian = await findPython(VENV_CHECK)
    if (debian !== undefined) return runWell(debian, ['-m', 'venv', folder])
  }
  throw new Error(
    bare === undefined
      ? `Python ${OLDEST_PYTHON.join('.')} or newer is needed for Jupyter and none was found (tried ${CANDIDATES.join(', ')}). Install it, e.g. \`apt install python3 python3-venv\`.`
      : `${bare} cannot make environments: it has no ensurepip, and there is no virtualenv. Install one, e.g. \`apt install python3-venv\` or \`pip install --user virtualenv\`.`,
  )
}

/** pip reports each package; the person sees the latest of them every few seconds. */
async function pipInstall(folder: string, file: string, say: Say): Promise<void> {
  say(`Installing ${listed(file)} into ${folder}`)
  let collected = 0
  let toldAt = Date.now()
  const { code, tail } = await run(
    inVenv(folder, 'python'),
    [
      '-m',
      'pip',
      'install',
      '--no-input',
      '--disable-pip-version-check',
      '--progress-bar',
      'off',
      '-r',
      file,
    ],
    {
      // The person's PYTHONPATH would let other packages in.
      env: { ...process.env, PYTHONPATH: undefined, PIP_USER: undefined },
      onLine(line) {
        if (line.startsWith('Collecting ')) collected += 1
        const last = line.startsWith('Installing collected packages')
        if (!last && (Date.now() - toldAt < NEWS_EVERY || !line.startsWith('Collecting '))) return
        toldAt = Date.now()
        say(
          last
            ? `  ${collected} packages found, installing them`
            : `  ${line.replace(/ \(from .*/, '')}`,
        )
      },
    },
  )
  if (code !== 0) throw new Error(`pip could not install ${file} into ${folder}:\n${tail}`)
}

const listed = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .join(', ')
