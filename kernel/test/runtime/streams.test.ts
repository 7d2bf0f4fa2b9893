// What cells write, in order, complete, and in the cell that caused it.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

test('100,000 lines arrive exactly, before the cell ends', async () => {
  await notebook.run('for (let i = 0; i < 100_000; i++) console.log(i)')
  const expected = Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join('')
  expect(notebook.text('stdout') === expected).toBe(true)
})

test('stdout, stderr and displays keep the order in which they were written', async () => {
  await notebook.run(`
    for (let i = 0; i < 50; i++) {
      console.log('out', i); console.error('err', i); display(i)
    }`)
  const shown = notebook.outputs
    .filter((output) => output.cellId === notebook.cellId)
    .map((output) => {
      if (output.type === 'stream') return output.text.trim()
      return output.type === 'display_data' ? output.content.data['text/plain'] : output.type
    })
  expect(shown).toEqual(
    Array.from({ length: 50 }, (_, i) => [`out ${i}`, `err ${i}`, `${i}`]).flat(),
  )
})

test('raw writes and child processes fall between displays where they were written', async () => {
  await notebook.run(`
    const fs = require('node:fs'), { execSync } = require('node:child_process')
    console.log('one'); display('two'); fs.writeSync(1, 'three\\n'); display('four')
    execSync('echo five', { stdio: 'inherit' }); display('six')
    execSync('echo seven >&2', { stdio: 'inherit' }); display('eight')`)
  const shown = notebook.outputs
    .filter((output) => output.cellId === notebook.cellId)
    .map((output) => {
      if (output.type === 'stream') return output.text.trim()
      return output.type === 'display_data' ? output.content.data['text/plain'] : output.type
    })
  // Of what one program writes to two pipes nobody knows the order.
  expect(shown).toEqual(['one', "'two'", 'three', "'four'", 'five', "'six'", 'seven', "'eight'"])
})

test('text of a timer belongs to its cell, also after it ended and while another runs', async () => {
  await notebook.run("setTimeout(() => console.log('late'), 30); console.log('now')")
  const first = notebook.cellId
  await notebook.run('await new Promise((done) => setTimeout(done, 60)); console.log("second")')
  expect(notebook.text('stdout', first)).toBe('now\nlate\n')
  expect(notebook.text('stdout')).toBe('second\n')
})

test('text of a loop is seen while it spins', async () => {
  const running = notebook.run("console.log('working'); while (true) {}")
  await notebook.until(() => notebook.text('stdout') === 'working\n')
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ status: 'error', interrupted: true })
})
