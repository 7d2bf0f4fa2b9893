// `npm test`: brings what is missing, builds, then checks and tests; streams what they say and closes with `N passed, N failed`.
// `npm test -- WORDS` builds and hands the words to jest alone.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { prepareVenv } from '../../start/venv.ts'
import { prepareChromium } from '../../start/chromium.ts'
import { NODE26_TESTS, prepareNode26 } from './node26.ts'
import { VENVS } from './python.ts'

const root = join(import.meta.dirname, '../..')
const Manifest = z.object({ scripts: z.object({ lint: z.string() }) })

/** The parts of `npm run lint`; each counts as one test. */
const CHECKS = Manifest.parse(
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
).scripts.lint.split(' && ')

const JestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  /** Files that failed before their first test. */
  numRuntimeErrorTestSuites: z.int(),
})

/** Files that measure times, or whose programs do: one at a time. The others mostly wait, for programs to start and for intervals. */
const ALONE = [
  'kernel/test/stress/',
  'kernel/test/main',
  'service/test/fuzz/',
  'service/test/offload/',
  'service/test/inbox/usable',
  'test/bench',
  'test/conformance/',
  'test/jupyter/',
  'test/linear/',
  'test/python/',
]
const OTHERS = `^(?!.*(?:${ALONE.join('|')}))`

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Exit code of a program that writes straight to this terminal; 128 if a signal ended it. */
function shown(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 128))
  })
}

async function prepare(): Promise<void> {
  await prepareChromium(say)
  for (const venv of Object.values(VENVS)) await prepareVenv(venv, say)
}

async function build(): Promise<void> {
  say('\n# build')
  if ((await shown('npm', ['run', '--silent', 'build'])) !== 0) throw new Error('The build failed.')
}

interface Count {
  passed: number
  failed: number
}

async function check(): Promise<Count> {
  const count = { passed: 0, failed: 0 }
  for (const line of CHECKS) {
    say(`\n# ${line}`)
    const [program = '', ...args] = line.split(' ')
    const code = await shown(join(root, 'node_modules/.bin', program), args)
    count[code === 0 ? 'passed' : 'failed'] += 1
  }
  return count
}

async function jest(
  words: readonly string[],
  what: string,
  node = process.execPath,
): Promise<Count> {
  say(`\n# tests${what}`)
  const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-test-'))
  try {
    const report = join(folder, 'report.json')
    const code = await shown(node, [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--json',
      `--outputFile=${report}`,
      ...words,
    ])
    const read = readReport(report)
    if (read === undefined) return { passed: 0, failed: 1 }
    const failed = read.numFailedTests + read.numRuntimeErrorTestSuites
    return { passed: read.numPassedTests, failed: code === 0 ? failed : Math.max(failed, 1) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Undefined if jest ended before it could write one. */
function readReport(path: string): z.infer<typeof JestReport> | undefined {
  try {
    return JestReport.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

const words = process.argv.slice(2)
const counts: Count[] = []
try {
  if (words.length === 0) await prepare()
  await build()
  if (words.length === 0) counts.push(await check())
  if (words.length > 0) {
    counts.push(await jest(['--runInBand', ...words], ''))
  } else {
    counts.push(await jest(['--maxWorkers=2', OTHERS], ', two files at a time'))
    counts.push(await jest(['--runInBand', ...ALONE], ', one file at a time'))
    const node26 = await prepareNode26(say)
    counts.push(await jest(['--runInBand', ...NODE26_TESTS], ' on Node 26', node26))
  }
} catch (error) {
  say(`\n${Error.isError(error) ? error.message : String(error)}`)
  counts.push({ passed: 0, failed: 1 })
}
const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0)
say(`\n${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') === 0 ? 0 : 1
