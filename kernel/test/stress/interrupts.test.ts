// Interrupts at random moments in many kinds of work: none is lost, none hits the next cell;
// process and state live on.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'
import { PATIENCE, amount, figure, quantile } from '../helpers/stress.ts'

/** Number for all workloads together. */
const INTERRUPTS = amount(96, 1000)

const WORKLOADS: ReadonlyArray<readonly [name: string, code: string]> = [
  ['a sync loop', 'while (true) {}'],
  ['a loop that catches', 'for (;;) { try { for (;;) {} } catch {} finally { mark++ } }'],
  ['a loop that allocates', 'for (;;) mark = Array.from({ length: 1000 }, () => ({})).length'],
  ['a regular expression', "/^(a+)+$/.test('a'.repeat(40) + 'b')"],
  ['a pending await', 'await new Promise(() => {})'],
  ['microtasks', 'for (;;) await null'],
  ['a loop after an await', 'await null; while (true) {}'],
  ['timers', 'for (;;) await new Promise((resolve) => setTimeout(resolve))'],
  ['immediates', 'for (;;) await new Promise((resolve) => setImmediate(resolve))'],
  ['a loop in a timer', 'await new Promise(() => setTimeout(() => { for (;;) {} }))'],
  ['files', "for (;;) await require('node:fs/promises').stat('/')"],
  ['sync files', "for (;;) require('node:fs').statSync('/')"],
  ['crypto', "for (;;) require('node:crypto').pbkdf2Sync('a', 'b', 2000, 32, 'sha256')"],
  ['a flood of text', "for (;;) console.log('x'.repeat(100))"],
  ['displays', 'for (;;) display(1)'],
  ['AsyncLocalStorage', 'await storage.run(1, async () => { for (;;) await null })'],
]

let notebook: TestRuntime
beforeAll(async () => {
  notebook = new TestRuntime()
  await notebook.run(`
    let mark = 0
    const kept = { pid: process.pid }
    const storage = new (require('node:async_hooks').AsyncLocalStorage)()`)
})
afterAll(() => notebook.close())

test(
  `${INTERRUPTS} interrupts each end their cell and nothing else`,
  async () => {
    const times: number[] = []
    for (let count = 0; count < INTERRUPTS; count++) {
      const [name, code] = WORKLOADS[count % WORKLOADS.length]!
      const running = notebook.run(code)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 30))
      const started = performance.now()
      await notebook.runtime.interrupt()
      times.push(performance.now() - started)
      expect([name, await running]).toMatchObject([
        name,
        {
          status: 'error',
          interrupted: true,
          error: { ename: 'KeyboardInterrupt', evalue: 'The cell was interrupted.' },
        },
      ])
      expect(await notebook.result('kept.pid === process.pid')).toBe('true')
      notebook.outputs.length = 0
    }
    figure(
      `${INTERRUPTS} interrupts of ${WORKLOADS.length} workloads: ms median, 95 %, most`,
      quantile(times, 0.5),
      quantile(times, 0.95),
      Math.max(...times),
    )
    expect(notebook.lost).toEqual([])
  },
  PATIENCE,
)
