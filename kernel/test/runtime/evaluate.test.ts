// Cells in a real runtime process: values, names, awaiting.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

test.each([
  ['1 + 1', '2'],
  ["'text'", "'text'"],
  ['null', 'null'],
  ['0n', '0n'],
  ["''", "''"],
  ['({ a: 1 })', '{ a: 1 }'],
  ['undefined', undefined],
  ['1 + 1;', undefined],
  ['const quiet = 1', undefined],
  ['Promise.resolve(7)', '7'],
  ['await Promise.resolve(8)', '8'],
  ['Promise.resolve(7);', undefined],
  ['({ then(done) { done(9) } })', '9'],
  ['new Map([[1, 2]])', 'Map(1) { 1 => 2 }'],
])('the value of %s is shown as %s', async (source, shown) => {
  expect(await notebook.result(source)).toBe(shown)
})

test('a cell that ends before it declares a name of Node leaves the old one', async () => {
  const names = ['Buffer', 'process', 'performance', 'Map']
  for (const name of names) {
    expect(await notebook.run(`throw 1; let ${name} = 2`)).toMatchObject({ status: 'error' })
    expect(await notebook.result(`typeof ${name}`)).not.toBe("'undefined'")
  }
  await notebook.run('let performance = 5')
  expect(await notebook.result('performance += 1')).toBe('6')
})

test('names of a cell are seen, redeclared and reassigned by later cells', async () => {
  await notebook.run('let a = 1; function f() { return a }; class C {}')
  expect(await notebook.result('a += 1; f()')).toBe('2')
  expect(await notebook.result('const a = 5; f()')).toBe('5')
  expect(await notebook.result('let a = 6; a = 7; f()')).toBe('7')
})

test('assigning to a const of an earlier cell throws as in a file', async () => {
  await notebook.run('const fixed = 1')
  expect(await notebook.run('fixed = 2')).toMatchObject({
    status: 'error',
    error: { ename: 'TypeError' },
  })
  expect(await notebook.result('fixed')).toBe('1')
})

test('a rejection that nobody handles shows before its cell ends', async () => {
  expect(await notebook.run("Promise.reject(new Error('floating'));")).toEqual({ status: 'ok' })
  expect(notebook.outputs.at(-1)).toMatchObject({
    type: 'error',
    cellId: notebook.cellId,
    content: { evalue: 'floating' },
  })
})

test('NaN as a result does not keep _ from the next one', async () => {
  await notebook.run('NaN')
  await notebook.run('5')
  expect(await notebook.result('_')).toBe('5')
})

test('a const refuses assignment in its own cell too, and the cell runs again', async () => {
  expect(await notebook.run('const own = 1; own = 2')).toMatchObject({
    status: 'error',
    error: { ename: 'TypeError' },
  })
  expect(await notebook.result('const own = 3; own')).toBe('3')
})

test('an iterator is shown by its name, not as an object of nothing', async () => {
  await notebook.run('({ g: (function* () {})() })')
  const shown = notebook.outputs.findLast((output) => output.type === 'execute_result')
  expect(shown?.content.data).toEqual({ 'text/plain': '{ g: Object [Generator] {} }' })
})

test('a cell that fails midway keeps the names assigned so far', async () => {
  await notebook.run("let before = 1; throw new Error('stop'); let after = 2")
  expect(await notebook.result('before')).toBe('1')
})

test('the last values are kept as _ and Out[n], and a user may take the name _', async () => {
  await notebook.run('41 + 1')
  expect(await notebook.result('_')).toBe('42')
  const count = Number(notebook.cellId.slice(5))
  expect(await notebook.result(`Out[${count}]`)).toBe('42')
  await notebook.run("const _ = 'mine'")
  expect(await notebook.result('1; _')).toBe("'mine'")
})
