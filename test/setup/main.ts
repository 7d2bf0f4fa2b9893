// `npm test`: installs what is missing, builds, runs the checks and the tests, and shows their
// output. At the end it prints the ten slowest files and `N passed, N failed`. `npm test -- WORDS`
// builds and runs jest with these words only.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { prepareVenv } from '../../start/venv.ts'
import { prepareChromium } from '../../start/chromium.ts'
import { run } from '../../start/run.ts'
import { COMPILE_CACHE } from './compile-cache.ts'
import { prepareFakeTime } from './faketime.ts'
import { ALONE, BEHIND, BESIDE } from './groups.ts'
import { NODE26_ALONE, NODE26_TESTS, prepareNode26 } from './node26.ts'
import { outcomeOf, slowest, together } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { VENVS } from './python.ts'

const root = join(import.meta.dirname, '../..')
const Manifest = z.object({ scripts: z.object({ lint: z.string() }) })

/** The parts of `npm run lint`; each counts as one test. */
const CHECKS = Manifest.parse(
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
).scripts.lint.split(' && ')

/** Runs a program. Resolves with its exit code, or 128 if a signal ended it. */
type Start = (title: string, command: string, args: readonly string[]) => Promise<number>

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Shows the output as it comes. */
const shown: Start = (title, command, args) => {
  say(`\n# ${title}`)
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 128))
  })
}

/** Shows the output at the end, as a whole: other programs write in the meantime. */
const shownLater: Start = async (title, command, args) => {
  const lines: string[] = []
  const { code } = await run(command, args, { cwd: root, onLine: (line) => lines.push(line) })
  say([`\n# ${title}`, ...lines, ''].join('\n'))
  return code
}

async function prepare(): Promise<void> {
  // Forget what earlier sources were compiled to.
  rmSync(COMPILE_CACHE, { recursive: true, force: true })
  await prepareChromium(say)
  await prepareFakeTime(say)
  for (const venv of Object.values(VENVS)) await prepareVenv(venv, say)
}

async function build(): Promise<void> {
  if ((await shown('build', 'npm', ['run', '--silent', 'build'])) !== 0)
    throw new Error('The build failed.')
}

async function check(start: Start): Promise<Outcome> {
  const codes: number[] = []
  for (const line of CHECKS) {
    const [program = '', ...args] = line.split(' ')
    codes.push(await start(line, join(root, 'node_modules/.bin', program), args))
  }
  const passed = codes.filter((code) => code === 0).length
  return { passed, failed: codes.length - passed, files: [] }
}

async function jest(
  start: Start,
  what: string,
  words: readonly string[],
  node = process.execPath,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-test-'))
  try {
    const report = join(folder, 'report.json')
    const code = await start(`tests${what}`, node, [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--json',
      `--outputFile=${report}`,
      ...words,
    ])
    return outcomeOf(report, code, root, node === process.execPath ? '' : what)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Most test files mainly wait, so the checks and the pass on Node 26 run at the same time. */
async function everything(): Promise<Outcome[]> {
  await prepare()
  const node26 = await prepareNode26(say)
  await build()
  const behind = async () => [
    await check(shownLater),
    await jest(shownLater, ' on Node 26', ['--runInBand', ...NODE26_TESTS], node26),
    await jest(shownLater, ', behind the others', ['--runInBand', ...BEHIND]),
  ]
  const [beside, others] = await Promise.all([
    jest(shown, ', three files at a time', ['--maxWorkers=3', BESIDE]),
    behind(),
  ])
  return [
    beside,
    ...others,
    await jest(shown, ', one file at a time', ['--runInBand', ...ALONE]),
    await jest(shown, ' on Node 26', ['--runInBand', ...NODE26_ALONE], node26),
  ]
}

async function some(words: readonly string[]): Promise<Outcome[]> {
  await build()
  return [await jest(shown, '', ['--runInBand', ...words])]
}

const words = process.argv.slice(2)
let outcome: Outcome
try {
  outcome = together(await (words.length === 0 ? everything() : some(words)))
} catch (error) {
  say(`\n${Error.isError(error) ? error.message : String(error)}`)
  outcome = { passed: 0, failed: 1, files: [] }
}
say(['\n# the slowest files', ...slowest(outcome.files)].join('\n'))
say(`\n${outcome.passed} passed, ${outcome.failed} failed`)
process.exitCode = outcome.failed === 0 ? 0 : 1
