// What the kernel process learns about variables that may hold secrets: only data properties, each
// value once, even while the runtime is busy.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeEach(() => {
  notebook = new TestRuntime()
})
afterEach(() => notebook.close())

const values = async (): Promise<string[]> =>
  (await notebook.runtime.secretVariables())
    .filter(({ name }) => name.startsWith('my'))
    .map(({ name, value }) => `${name}=${value}`)

test('strings of top-level names are told, with the values they had before', async () => {
  await notebook.run("let myKey = 'one'; const myToken = 'two', city = 'three'; let mySecret = 4")
  await notebook.run("myKey = 'five'; { const myPassword = 'inner' }")
  expect(await values()).toEqual(['myKey=one', 'myToken=two', 'myKey=five'])
})

test('no getter and no proxy trap runs', async () => {
  await notebook.run(`globalThis.ran = 0
    Object.defineProperty(globalThis, 'myKey', { get() { ran += 1; return 'x' }, configurable: true })
    globalThis.myToken = new Proxy({}, { get() { ran += 1 }, getOwnPropertyDescriptor() { ran += 1 } })
    globalThis.mySecret = { toString() { ran += 1; return 'x' } }`)
  expect(await values()).toEqual([])
  expect(await notebook.result('ran')).toBe('0')
})

test('a call tells what the cell has now, before its code goes on', async () => {
  const seen: string[][] = []
  notebook.answer = async () => void seen.push(await values())
  await notebook.run(
    "const myKey = 'of this cell'; void __jupyterpost.magic(0, []); for (let i = 0; i < 3e8; i++);",
  )
  expect(seen).toEqual([['myKey=of this cell']])
})

test('values outlive the runtime', async () => {
  await notebook.run("const myKey = 'kept'")
  await notebook.run('process.exit(1)')
  expect(await values()).toEqual(['myKey=kept'])
})
