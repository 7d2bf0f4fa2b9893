// Node's own modules load whole: no interrupt comes between. What a cell put in the way of that can
// be interrupted all the same.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeEach(async () => {
  notebook = new TestRuntime()
  await notebook.run('const kept = 41')
})
afterEach(() => notebook.close())

const HOOK = `import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) {
  if (name === 'node:zlib') { console.log('stuck'); for (;;); }
  return next(name, context)
} })`
const GETTER = `Reflect.defineProperty(require('node:zlib'), 'odd', { enumerable: true, configurable: true, get() {
  console.log('stuck'); for (;;);
} })`

test.each([
  ['a hook that never ends', HOOK, "require('node:zlib')"],
  ['a hook that never ends, for an import', HOOK, "await import('node:zlib')"],
  ['an export whose getter never ends', GETTER, "await import('node:zlib')"],
])('%s is interrupted, with the state kept', async (_name, before, code) => {
  expect(await notebook.run(before)).toEqual({ status: 'ok' })
  const running = notebook.run(code)
  await notebook.until(() => notebook.text('stdout').includes('stuck'))
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ status: 'error', interrupted: true })
  expect(await notebook.result('kept + 1')).toBe('42')
  expect(notebook.lost).toEqual([])
})
