// A runtime that is asked to wait because clients are far behind: it stops at its next write and
// works as before afterwards.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeEach(async () => {
  notebook = new TestRuntime()
  await notebook.run('const kept = 41')
})
afterEach(() => notebook.close())

const TEXT = "process.stdout.write('x'.repeat(1e6)); 'end'"

test('what it writes meanwhile comes afterwards, whole', async () => {
  notebook.runtime.hold(true)
  const running = notebook.run(TEXT)
  // Only the pipes' buffers were filled.
  await notebook.runtime.complete('Math.', 5)
  expect(notebook.text('stdout')).toHaveLength(0)
  notebook.runtime.hold(false)
  expect(await running).toEqual({ status: 'ok' })
  expect(notebook.text('stdout')).toHaveLength(1e6)
})

test.each([
  ['displays', "for (;;) display({ 'text/plain': 'x'.repeat(1e6) }, { raw: true })"],
  ['text', "for (;;) process.stdout.write('x'.repeat(1e6))"],
  ['displays after an await', 'await null; for (;;) display(1)'],
])(
  'a cell that waits in a write of %s is interrupted, with its state kept',
  async (_name, code) => {
    notebook.runtime.hold(true)
    const running = notebook.run(code)
    await notebook.runtime.complete('Math.', 5)
    await notebook.runtime.interrupt()
    expect(await running).toMatchObject({ status: 'error', interrupted: true })
    notebook.runtime.hold(false)
    expect(await notebook.result('kept + 1')).toBe('42')
  },
)

test('one that dies meanwhile is explained and replaced', async () => {
  notebook.runtime.hold(true)
  const running = notebook.run(
    "console.log('last'); process.kill(process.pid, 'SIGKILL'); for (;;);",
  )
  expect(await running).toMatchObject({ status: 'error', error: { ename: 'RuntimeLostError' } })
  expect(notebook.text('stdout')).toBe('last\n')
  notebook.runtime.hold(false)
  expect(await notebook.result('1 + 1')).toBe('2')
})
