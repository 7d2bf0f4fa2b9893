// Jupyter's own conformance tests and those in `conformance.py`, on the installed kernelspec: each
// of their rows is a test here.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { finish } from '../helpers/program.ts'
import { pythonVenv } from '../setup/python.ts'

const program = join(import.meta.dirname, 'conformance.py')

/**
 * The tests of jupyter_kernel_test 0.7.0 that apply: without a pager and a test of clearing, two
 * are skipped.
 */
const STANDARD = [
  'test_completion',
  'test_display_data',
  'test_error',
  'test_execute_result',
  'test_execute_stderr',
  'test_execute_stdout',
  'test_history',
  'test_inspect',
  'test_is_complete',
  'test_kernel_info',
]
const OURS = [...readFileSync(program, 'utf8').matchAll(/^ {4}def (test_[xz]_\w+)/gm)].map(
  ([, name = '']) => name,
)

const Rows = z.record(z.string(), z.tuple([z.string(), z.string()]))
let home: TestHome
let rows: z.infer<typeof Rows> = {}

beforeAll(async () => {
  home = await testHome()
  const json = join(home.folder, 'rows.json')
  const env = { ...home.env, KERNEL_NAME: 'jupyterpost', KERNEL_JSON: json }
  const python = join(await pythonVenv('jupyter'), 'bin/python')
  await finish(python, [program], { env, cwd: home.notebooks })
  rows = Rows.parse(JSON.parse(readFileSync(json, 'utf8')))
}, 300_000)

afterAll(async () => home[Symbol.asyncDispose]())

test.each([...STANDARD, ...OURS])('%s passes', (name) => {
  expect(rows[name]).toEqual(['pass', ''])
})

test('nothing else was asked', () => {
  const skipped = ['test_clear_output', 'test_pager']
  expect(Object.keys(rows).toSorted()).toEqual([...STANDARD, ...OURS, ...skipped].toSorted())
})
