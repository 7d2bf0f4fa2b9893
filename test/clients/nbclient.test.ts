// nbclient, which nbconvert, papermill, `jupyter execute` and book builders use to run notebooks:
// errors, updates, questions, limits and deaths in a notebook that nobody watches.
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { startVenv } from '../../start/clone.ts'
import { inVenv } from '../../start/venv.ts'
import { root, testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { Notebook, shownBy, writeNotebook } from '../helpers/notebook-file.ts'
import type { CellToWrite } from '../helpers/notebook-file.ts'
import { finish } from '../helpers/program.ts'

const LIMIT = 60_000
const Run = z.object({ error: z.string().nullable(), notebook: Notebook })

let home: TestHome
let nbclient: ChildProcessByStdio<Writable, Readable, null>
let answers: AsyncIterator<string>

beforeAll(async () => {
  home = await testHome()
  // One process for all notebooks: Python's imports take longer than a notebook.
  nbclient = spawn(
    inVenv(startVenv.folder, 'python'),
    [join(root, 'test/clients/fixtures/nbclient_runs.py')],
    { env: home.env, cwd: home.notebooks, stdio: ['pipe', 'pipe', 'inherit'] },
  )
  answers = createInterface(nbclient.stdout)[Symbol.asyncIterator]()
}, LIMIT)

afterAll(async () => {
  nbclient.stdin.end()
  await once(nbclient, 'exit')
  await home[Symbol.asyncDispose]()
}, LIMIT)

/** @param options - For nbclient's NotebookClient. */
async function execute(cells: ReadonlyArray<string | CellToWrite>, options: object = {}) {
  const path = writeNotebook(join(home.notebooks, 'run.ipynb'), cells)
  nbclient.stdin.write(`${JSON.stringify({ path, options })}\n`)
  const answer = await answers.next()
  if (answer.done === true) throw new Error('nbclient ended')
  const { error, notebook } = Run.parse(JSON.parse(answer.value))
  return {
    error: error === null ? null : stripVTControlCharacters(error),
    shown: notebook.cells.map(shownBy),
    numbers: notebook.cells.map((cell) => cell.execution_count ?? null),
  }
}

const FAILS_IN_THE_MIDDLE = [
  'let a = 1\na',
  "function f() {\n  throw new RangeError('too far')\n}\nf()",
  'a + 1',
]

test(
  'an error ends the run, which names it with the line of code; later cells stay as they were',
  async () => {
    const { error, shown, numbers } = await execute(FAILS_IN_THE_MIDDLE)
    expect(shown).toEqual([['1'], ['error: RangeError: too far'], []])
    expect(numbers).toEqual([1, 2, null])
    expect(error).toMatch(
      /at In \[2\], line 2, in f\n[^]*> 2 \|   throw new RangeError[^]*\nRangeError: too far/,
    )
  },
  LIMIT,
)

test(
  'with allow_errors the error is an output, and the cells behind it run with the state before it',
  async () => {
    const { error, shown, numbers } = await execute(FAILS_IN_THE_MIDDLE, { allow_errors: true })
    expect(error).toBeNull()
    expect(shown).toEqual([['1'], ['error: RangeError: too far'], ['2']])
    expect(numbers).toEqual([1, 2, 3])
  },
  LIMIT,
)

test(
  'jupyter execute fails with the error of the notebook',
  async () => {
    writeNotebook(join(home.notebooks, 'report.ipynb'), FAILS_IN_THE_MIDDLE)
    const { code, stderr } = await finish('sh', ['-c', 'jupyter execute --inplace report.ipynb'], {
      env: home.env,
      cwd: home.notebooks,
    })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('too far') })
  },
  LIMIT,
)

test(
  'the tag raises-exception allows the error of one cell, a syntax error too',
  async () => {
    const { error, shown } = await execute([
      { source: 'let = = 1', tags: ['raises-exception'] },
      { source: 'process.exit(3)', tags: ['raises-exception'] },
      '1n',
    ])
    expect(error).toBeNull()
    expect(shown).toEqual([
      [expect.stringMatching(/^error: SyntaxError: /)],
      [expect.stringMatching(/^error: \w+: .*process\.exit/)],
      ['1n'],
    ])
  },
  LIMIT,
)

test(
  'a display is updated in the cell that made it, also by a later one; a cleared output is gone',
  async () => {
    const { shown } = await execute([
      "const one = display('one', { id: 'one' })\ndisplay('two')\none.update('one, later')",
      "display('one, last', { id: 'one' }); one.update('one, in both');",
      "console.log('first')\nclearOutput({ wait: true })\nconsole.log('second')",
    ])
    expect(shown).toEqual([["'one, in both'", "'two'"], ["'one, in both'"], ['stdout: second']])
  },
  LIMIT,
)

test(
  'output keeps its order across streams, displays and the result',
  async () => {
    const { shown } = await execute([
      "console.log(1)\nconsole.error(2)\ndisplay(3)\nconsole.log(4)\nawait Promise.resolve()\nprocess.stdout.write('5')\n6",
    ])
    expect(shown).toEqual([['stdout: 1', 'stderr: 2', '3', 'stdout: 4\n5', '6']])
  },
  LIMIT,
)

test(
  'a question fails at once and says why: nobody could answer',
  async () => {
    const questions = [
      "await input('name? ')",
      "await input.password('word? ')",
      "prompt('name? ')",
    ]
    const { shown } = await execute(questions, { allow_errors: true })
    const refused = [expect.stringMatching(/^error: StdinNotAllowedError: .*allow_stdin/)]
    expect(shown).toEqual([refused, refused, refused])
  },
  LIMIT,
)

test(
  'a cell over its time limit is interrupted where that is asked for, and the next one finds the state',
  async () => {
    const { error, shown } = await execute(['let a = 1', 'for (;;) a = 2', 'a'], {
      timeout: 2,
      interrupt_on_timeout: true,
      allow_errors: true,
    })
    expect(error).toBeNull()
    expect(shown).toEqual([[], [expect.stringMatching(/^error: KeyboardInterrupt/)], ['2']])
  },
  LIMIT,
)
