// Errors as a person reads them, late ones included.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

async function traceback(source: string): Promise<string[]> {
  const outcome = await notebook.run(source)
  if (outcome.status === 'ok') throw new Error(`no error: ${source}`)
  return stripVTControlCharacters(outcome.error.traceback.join('\n')).split('\n')
}

test('an error names its cell, its line and shows the code with a caret', async () => {
  await notebook.run(
    'interface Shape { sides: number }\nfunction boom(x: number): never {\n  throw new TypeError(`no ${x}`)\n}',
  )
  const first = notebook.cellId.slice(5)
  const lines = await traceback('const y: number = 1\nboom(y)')
  const second = notebook.cellId.slice(5)
  expect(lines).toEqual([
    'TypeError: no 1',
    `    at In [${first}], line 3, in boom`,
    '      1 | interface Shape { sides: number }',
    '      2 | function boom(x: number): never {',
    '    > 3 |   throw new TypeError(`no ${x}`)',
    '        |         ^',
    '      4 | }',
    `    at In [${second}], line 2`,
    'TypeError: no 1',
  ])
})

test('causes and the members of an AggregateError are shown', async () => {
  const lines = await traceback(
    "throw new AggregateError([new Error('one'), new RangeError('two')], 'all', { cause: new Error('root') })",
  )
  expect(lines.filter((line) => /^\S/.test(line))).toEqual([
    'AggregateError: all',
    'Error 1 of 2:',
    'Error: one',
    'Error 2 of 2:',
    'RangeError: two',
    'Caused by:',
    'Error: root',
    'AggregateError: all',
  ])
})

test.each([
  ["throw 'text'", 'string', "'text'"],
  ['throw { code: 5 }', 'Object', '{ code: 5 }'],
  ['throw null', 'null', 'null'],
  ['throw undefined', 'undefined', 'undefined'],
  ['throw new Proxy({}, { get() { throw 1 } })', 'Proxy', '{}'],
  ["throw Object.defineProperty(new Error('x'), 'message', { get() { throw 1 } })", 'Error', ''],
])('%s is shown as %s: %s', async (source, ename, evalue) => {
  expect(await notebook.run(source)).toMatchObject({ status: 'error', error: { ename, evalue } })
})

test('an error of an imported TypeScript file names the line of the file', async () => {
  writeFileSync(
    join(notebook.cwd, 'lib.ts'),
    'enum E { A }\n\nexport function fail() {\n  throw new Error(`E ${E.A}`)\n}\n',
  )
  const lines = await traceback("import { fail } from './lib.ts'\nfail()")
  expect(lines[1]).toMatch(/at fail .*lib\.ts:4:9$/)
})

test.each([
  ["setTimeout(() => { throw new Error('late') }, 5); 0", 'late'],
  ["Promise.reject(new Error('nobody')); 0", 'nobody'],
  ["require('node:fs').readFile('/', () => { throw new Error('callback') }); 0", 'callback'],
])('%s shows in its cell and kills nothing', async (source, message) => {
  await notebook.run(source)
  const { cellId } = notebook
  const isShown = () =>
    notebook.outputs.some(
      (output) =>
        output.type === 'error' && output.cellId === cellId && output.content.evalue === message,
    )
  await notebook.run('1')
  await notebook.until(isShown)
  expect(await notebook.result('2')).toBe('2')
})
