// nbclient, which nbconvert, papermill, `jupyter execute` and book builders run notebooks with: what becomes of errors, updates,
// questions, limits and deaths in a notebook that nobody watches.
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { startVenv } from '../../start/clone.ts'
import { inVenv } from '../../start/venv.ts'
import { root, testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { Notebook, readNotebook, shownBy, writeNotebook } from '../helpers/notebook-file.ts'
import type { CellToWrite } from '../helpers/notebook-file.ts'
import { finish } from '../helpers/program.ts'

const LIMIT = 60_000
const Run = z.object({ error: z.string().nullable(), notebook: Notebook })

let home: TestHome
beforeAll(async () => {
  home = await testHome()
}, LIMIT)
afterAll(async () => {
  await home[Symbol.asyncDispose]()
}, LIMIT)

/** @param options - of nbclient's NotebookClient. */
async function execute(cells: ReadonlyArray<string | CellToWrite>, options: object = {}) {
  const path = writeNotebook(join(home.notebooks, 'run.ipynb'), cells)
  const { code, stdout, stderr } = await finish(
    inVenv(startVenv.folder, 'python'),
    [join(root, 'test/clients/fixtures/nbclient_run.py'), path, JSON.stringify(options)],
    { env: home.env, cwd: home.notebooks },
  )
  if (code !== 0) throw new Error(stderr)
  const { error, notebook } = Run.parse(JSON.parse(stdout))
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
  'jupyter execute writes the outputs into the notebook, and fails with its error',
  async () => {
    const path = writeNotebook(join(home.notebooks, 'report.ipynb'), ['1 + 1'])
    const shell = () =>
      finish('sh', ['-c', 'jupyter execute --inplace report.ipynb'], {
        env: home.env,
        cwd: home.notebooks,
      })
    expect(await shell()).toMatchObject({ code: 0 })
    expect(readNotebook(path).cells.map(shownBy)).toEqual([['2']])
    writeNotebook(path, FAILS_IN_THE_MIDDLE)
    const { code, stderr } = await shell()
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

test.each(["await input('name? ')", "await input.password('word? ')", "prompt('name? ')"])(
  '%s fails at once and says why: nobody could answer',
  async (source) => {
    const { shown } = await execute([source], { allow_errors: true })
    expect(shown).toEqual([[expect.stringMatching(/^error: StdinNotAllowedError: .*allow_stdin/)]])
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
