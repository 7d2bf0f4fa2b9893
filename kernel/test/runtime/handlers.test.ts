// A notebook's own handlers, for errors that nobody waits for and for SIGINT; and the reports of
// node:test.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(async () => {
  notebook = new TestRuntime()
  await notebook.run(`
    let kept = 'kept'
    const turn = () => new Promise((resolve) => setTimeout(resolve, 20))`)
})
beforeEach(() => {
  notebook.outputs.length = 0
})
afterAll(() => notebook.close())

const errors = () =>
  notebook.outputs.flatMap((output) => (output.type === 'error' ? [output.content.evalue] : []))

test.each([
  ['unhandledRejection', "Promise.reject(new Error('late'))"],
  ['uncaughtException', "setTimeout(() => { throw new Error('late') })"],
])(
  "a notebook's own %s handler replaces the red error, until it is taken away",
  async (event, source) => {
    await notebook.run(
      `const handler = (error) => console.log('mine', error.message); process.on('${event}', handler);;`,
    )
    await notebook.run(`${source}; await turn()`)
    expect(notebook.text('stdout')).toBe('mine late\n')
    expect(errors()).toEqual([])
    await notebook.run(`process.off('${event}', handler);;`)
    await notebook.run(`${source}; await turn()`)
    expect(errors()).toEqual(['late'])
  },
)

test('a handler of one event does not take the errors of the other', async () => {
  await notebook.run(`
    process.once('uncaughtException', () => {})
    Promise.reject(new Error('rejected'))
    await turn()
    process.removeAllListeners('uncaughtException');;`)
  expect(errors()).toEqual(['rejected'])
})

test.each(["'unhandledRejection'", "'uncaughtException'", "'SIGINT'", ''])(
  'removeAllListeners(%s) takes none that the runtime lives by',
  async (event) => {
    await notebook.run(
      `process.removeAllListeners(${event}); await turn(); process.removeAllListeners(${event});;`,
    )
    await notebook.run(
      "Promise.reject(new Error('one')); setTimeout(() => { throw new Error('two') }); await turn()",
    )
    expect(errors()).toEqual(['one', 'two'])
    expect(
      await notebook.result(
        "await turn(); process.kill(process.pid, 'SIGINT'); await turn(); kept",
      ),
    ).toBe("'kept'")
    expect(notebook.lost).toEqual([])
  },
)

test.each([
  [
    'a sync loop',
    "process.on('SIGINT', () => console.log('never')); console.log('go'); while (true) {}",
  ],
  [
    'a sync loop, the listener added by once',
    "process.once('SIGINT', () => 0); console.log('go'); while (true) {}",
  ],
  [
    'a loop after an await',
    "process.on('SIGINT', () => 0); await null; console.log('go'); while (true) {}",
  ],
  ['an await', "process.on('SIGINT', () => 0); console.log('go'); await new Promise(() => {})"],
  [
    'a listener that ends the process',
    "process.on('SIGINT', () => process.exit(1)); console.log('go'); await new Promise(() => {})",
  ],
  [
    'a sync loop, the listener added past the process',
    "require('node:events').prototype.on.call(process, 'SIGINT', () => 0); console.log('go'); while (true) {}",
  ],
])(
  '%s under a SIGINT handler of the notebook is interrupted, and the variables stay',
  async (_what, source) => {
    const running = notebook.run(source)
    const { cellId } = notebook
    await notebook.until(() => notebook.text('stdout', cellId).startsWith('go'))
    await notebook.runtime.interrupt()
    expect(await running).toMatchObject({
      interrupted: true,
      error: { ename: 'KeyboardInterrupt' },
    })
    // The second time too, with the handler already there before the cell.
    const again = notebook.run("console.log('again'); while (true) {}")
    const { cellId: second } = notebook
    await notebook.until(() => notebook.text('stdout', second).startsWith('again'))
    await notebook.runtime.interrupt()
    expect(await again).toMatchObject({ interrupted: true })
    expect(await notebook.result("process.removeAllListeners('SIGINT'); kept")).toBe("'kept'")
  },
)

test('a SIGINT handler that is added and removed in one go is not there; one that stays hears a signal', async () => {
  await notebook.run(`
    const gone = () => console.log('gone')
    process.on('SIGINT', gone)
    process.off('SIGINT', gone)
    process.once('SIGINT', () => console.log('heard'));;`)
  await notebook.run("await turn(); process.kill(process.pid, 'SIGINT'); await turn()")
  await notebook.until(() => notebook.text('stdout') !== '')
  expect(notebook.text('stdout')).toBe('heard\n')
})

test('a failing node:test says why, below its line', async () => {
  await notebook.run(`
    import test, { describe, it } from 'node:test'
    import assert from 'node:assert'
    await test('adds', () => { assert.equal(1 + 1, 3) })
    await test('works', () => {})
    await describe('suite', () => { it('waits', async () => { await null; throw new Error('why not', { cause: 'no time' }) }) })
    await turn();;`)
  await notebook.until(() => notebook.text('stdout').includes('suite ('))
  const text = notebook.text('stdout').replaceAll(/\([\d.]+ms\)/g, '(ms)')
  expect(text).toContain('✖ adds (ms)\n  AssertionError [ERR_ASSERTION]: 2 == 3\n')
  expect(text).toMatch(/at TestContext\.<anonymous> \(In \[\d+\]:4:/)
  expect(text).toContain('✔ works (ms)\n')
  expect(text).toContain('  ✖ waits (ms)\n    Error: why not\n')
  expect(text).toContain("Caused by: 'no time'")
  expect(text).not.toContain('node:internal')
  // An error of the notebook is not taken for one of a test.
  await notebook.run("Promise.reject(new Error('mine')); await turn()")
  expect(errors()).toEqual(['mine'])
})
