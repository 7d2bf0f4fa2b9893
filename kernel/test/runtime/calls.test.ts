// What cells ask of the kernel process: inputs, magics, calls; and what they import.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
beforeEach(() => {
  notebook.calls.length = 0
  notebook.answer = () => Promise.resolve('answer')
})
afterAll(() => notebook.close())

test('input asks and gives the answer; prompt does so in place', async () => {
  await notebook.run("console.log('before'); globalThis.a = await input('name? ')", {
    allowStdin: true,
  })
  await notebook.run("globalThis.b = prompt('sync? '); await input.password()", {
    allowStdin: true,
  })
  expect(notebook.calls.map(({ params }) => params)).toEqual([
    { prompt: 'name? ', password: false },
    { prompt: 'sync? ', password: false },
    { prompt: '', password: true },
  ])
  expect(await notebook.result('[a, b]')).toBe("[ 'answer', 'answer' ]")
})

test('input and prompt say so when the front end allows no questions', async () => {
  for (const source of ['await input()', 'prompt()']) {
    const outcome = await notebook.run(source)
    expect(outcome).toMatchObject({ error: { ename: 'StdinNotAllowedError' } })
    // How the answer came through this kernel helps nobody.
    const { traceback } = outcome.status === 'error' ? outcome.error : { traceback: [] }
    expect(traceback.join('\n')).not.toContain('internal frame')
  }
  expect(notebook.calls).toEqual([])
})

test.each<[string, number]>([
  ['prompt()', 1],
  ['await input()', 1],
  ['await Promise.all([input(), input.password()])', 2],
])('%s is interrupted, with state kept', async (source, questions) => {
  await notebook.run('globalThis.kept = 42')
  notebook.calls.length = 0
  notebook.answer = () => new Promise(() => undefined)
  const running = notebook.run(source, { allowStdin: true })
  await notebook.until(() => notebook.calls.length === questions)
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ interrupted: true })
  expect(notebook.calls.every(({ signal }) => signal.aborted)).toBe(true)
  expect(await notebook.result('kept')).toBe('42')
})

test('a magic sends its values as text, promises awaited, in order', async () => {
  await notebook.run(
    "await __jupyterpost.magic(3, [() => 'text', () => ({ a: [1, 2] }), () => Promise.resolve(7n)])",
  )
  expect(notebook.calls).toMatchObject([
    {
      method: 'magic',
      params: {
        index: 3,
        values: ['text', '{ a: [ 1, 2 ] }', '7n'],
        surroundings: { folder: notebook.cwd },
      },
    },
  ])
})

test("a magic that nobody awaits ends before its cell, and its failure is the cell's", async () => {
  notebook.answer = () => Promise.reject(Object.assign(new Error('refused'), { name: 'PostError' }))
  const outcome = await notebook.run("void __jupyterpost.magic(0, []); console.log('on')")
  expect(outcome).toMatchObject({
    status: 'error',
    error: { ename: 'PostError', evalue: 'refused' },
  })
  const handled = await notebook.run('await __jupyterpost.magic(0, []).catch(() => 0)')
  expect(handled).toEqual({ status: 'ok' })
})

test('bytes pass through calls untouched', async () => {
  notebook.answer = ({ params }) => Promise.resolve(params)
  await notebook.run(`
    const { call } = await import('${join(import.meta.dirname, '../../src/api/bridge.ts')}')
    const back = await call('echo', { bytes: new Uint8Array([0, 255, 7]) })`)
  expect(await notebook.result('back.bytes')).toBe('Uint8Array(3) [ 0, 255, 7 ]')
})

test('imports resolve from the folder of the notebook', async () => {
  mkdirSync(join(notebook.cwd, 'node_modules/pkg'), { recursive: true })
  writeFileSync(
    join(notebook.cwd, 'node_modules/pkg/package.json'),
    '{"name":"pkg","type":"module","exports":"./i.js"}',
  )
  writeFileSync(
    join(notebook.cwd, 'node_modules/pkg/i.js'),
    'export const here = import.meta.url; export default 5',
  )
  writeFileSync(
    join(notebook.cwd, 'local.ts'),
    'export enum Color { Red, Blue }; export class P { constructor(public x: number) {} }',
  )
  await notebook.run("import five, { here } from 'pkg'; import { Color, P } from './local.ts'")
  expect(await notebook.result('[five, here.endsWith("pkg/i.js"), Color.Blue, new P(3).x]')).toBe(
    '[ 5, true, 1, 3 ]',
  )
  expect(await notebook.result("(await import('pkg')).default")).toBe('5')
  expect(await notebook.result('require("./package-lock.json")').catch(() => 'absent')).toBe(
    'absent',
  )
  expect(
    await notebook.result(
      'import.meta.dirname === __dirname && import.meta.resolve("pkg").endsWith("pkg/i.js")',
    ),
  ).toBe('true')
})

test("import 'jupyterpost' gives the names of cells", async () => {
  await notebook.run("import { display as show } from 'jupyterpost'; show('x')")
  expect(notebook.outputs.at(-1)).toMatchObject({ type: 'display_data', cellId: notebook.cellId })
})

test('cells look like plain Node', async () => {
  expect(
    await notebook.result(
      '[typeof process.send, process.connected, process.env.NODE_CHANNEL_FD, process.execArgv, process.argv.length]',
    ),
  ).toBe("[ 'undefined', undefined, undefined, [], 1 ]")
})

test('one cell may declare every built-in name', async () => {
  const own = new TestRuntime()
  try {
    const names = Object.getOwnPropertyNames(globalThis).filter(
      (name) =>
        /^[A-Za-z]/.test(name) && Object.getOwnPropertyDescriptor(globalThis, name)?.configurable,
    )
    const free = names.filter((name) => !['globalThis', 'eval', 'arguments'].includes(name))
    expect(free).toContain('Buffer')
    const declared = free.map((name) => `${name} = 1`).join(', ')
    expect(await own.run(`let ${declared}`)).toEqual({ status: 'ok' })
    expect(await own.result('[Buffer, Object, performance]')).toBe('[ 1, 1, 1 ]')
  } finally {
    await own.close()
  }
})

test('every built-in name may be taken by a cell, and the runtime still works', async () => {
  const own = new TestRuntime()
  try {
    await own.run(`
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        const { configurable } = Object.getOwnPropertyDescriptor(globalThis, name)
        if (configurable && !name.startsWith('__')) Object.defineProperty(globalThis, name, { value: 1, writable: true, configurable: true })
      }`)
    expect(await own.result('[{ a: 1 }]')).toBe('[ { a: 1 } ]')
    expect(await own.run('await null; null.x')).toMatchObject({ error: { ename: 'TypeError' } })
    expect((await own.runtime.complete('Ma', 2)).matches.length).toBeGreaterThan(0)
    const running = own.run(
      "import { display, input } from 'jupyterpost'; display([{ a: 1 }]); await input()",
      { allowStdin: true },
    )
    expect(await running).toEqual({ status: 'ok' })
  } finally {
    await own.close()
  }
})
