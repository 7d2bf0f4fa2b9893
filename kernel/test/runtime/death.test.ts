// What happens when a notebook's process ends: the cell says why, a fresh process is ready, nothing
// is left behind.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { until } from '../../../test/helpers/until.ts'
import type { Outcome } from '../../src/runtime/runtime.ts'
import { TestRuntime } from '../helpers/runtime.ts'

const RUN_CELL = fileURLToPath(new URL('../fixtures/run-cell.ts', import.meta.url))

let notebook: TestRuntime
beforeEach(() => {
  notebook = new TestRuntime()
})
afterEach(() => notebook.close())

const words = (outcome: Outcome) => (outcome.status === 'error' ? outcome.error.evalue : 'ok')

test.each([
  ['process.exit(3)', 'process.exit(3) was called'],
  ['process.abort()', 'SIGABRT'],
  ["process.kill(process.pid, 'SIGTERM'); await new Promise(() => {})", 'SIGTERM'],
  ["process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})", 'SIGKILL'],
])('%s is explained, and a fresh runtime answers', async (source, explanation) => {
  await notebook.run('let mine = 1')
  const said = words(await notebook.run(`console.log('last words'); ${source}`))
  expect(said).toContain(explanation)
  expect(said).toContain('variables are lost')
  expect(notebook.text('stdout')).toBe('last words\n')
  expect(await notebook.result('typeof mine')).toBe("'undefined'")
})

test('an interrupt while a fresh process starts is not for the next cell', async () => {
  // The interrupt meets another moment of the start each time.
  for (let count = 0; count < 5; count += 1) {
    await notebook.run('process.exit(3)')
    await notebook.runtime.interrupt()
    const cell = 'await new Promise((resolve) => setTimeout(resolve, 100)); 7'
    expect(words(await notebook.run(cell))).toBe('ok')
  }
})

test.each<[string, string[], string]>([
  ['NODE_OPTIONS', [], '--max-old-space-size=60'],
  ['the argv of the kernelspec', ['--max-old-space-size=60'], ''],
])(
  'running out of memory names the heap limit of %s and how to raise it',
  async (_where, flags, NODE_OPTIONS) => {
    const code =
      "console.error('last words'); const all = []; for (;;) all.push(new Array(10_000).fill(all.length))"
    const kernel = spawn(process.execPath, [...flags, RUN_CELL, code], {
      env: { ...process.env, NODE_OPTIONS },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const said = await text(kernel.stdout)
    expect(said).toMatch(/NODE_OPTIONS=--max-old-space-size=8192 or .* argv of kernel\.json/)
    // What V8 writes about its own end does not help a person.
    expect(said.split('The process ran')[0]).toBe('last words\n')
    expect(Number(/heap limit of (\d+) MB/.exec(said)?.[1])).toBeLessThan(300)
  },
)

test('a runtime whose folder was removed meanwhile cannot be replaced, and the cell says why', async () => {
  await notebook.run('1')
  rmSync(notebook.cwd, { recursive: true })
  await notebook.run('process.exit(0)')
  const said = words(await notebook.run('1'))
  expect(said).toContain(`the folder ${notebook.cwd} is gone`)
  mkdirSync(notebook.cwd)
  expect(await notebook.result('2')).toBe('2')
})

test('a cell that writes what V8 writes at its end, and lives, is shown with it', async () => {
  const written = '\n<--- Last few GCs --->\n\nFATAL ERROR: heap out of memory\n'
  await notebook.run(`process.stderr.write(${JSON.stringify(written)})`)
  expect(notebook.text('stderr')).toBe(written)
  const said = await notebook.run(
    `require('node:fs').writeSync(2, ${JSON.stringify(written)}); process.exit(1)`,
  )
  expect(notebook.text('stderr')).toBe(written)
  expect(words(said)).toContain('process.exit(1) was called')
})

test('a runtime that ends between cells is announced and replaced', async () => {
  await notebook.run('setTimeout(() => process.exit(0), 20)')
  await notebook.until(() => notebook.lost.length > 0)
  expect(notebook.lost).toEqual([
    'process.exit(0) was called. All variables are lost; a fresh runtime is ready.',
  ])
  expect(await notebook.result('2')).toBe('2')
})

test('a runtime that lives and does not answer an interrupt is replaced, and the cell says why', async () => {
  const running = notebook.run(
    "console.log('here'); process.kill(process.pid, 'SIGSTOP'); while (true) {}",
  )
  await notebook.until(() => notebook.text('stdout') === 'here\n')
  await notebook.runtime.interrupt()
  expect(words(await running)).toBe(
    'The process that runs the cells did not answer an interrupt, so it was ended. All variables are lost; a fresh runtime is ready.',
  )
  expect(await notebook.result('2')).toBe('2')
})

test('a runtime that is mute between cells is replaced by an interrupt', async () => {
  await notebook.run(
    "setTimeout(() => { console.log('late'); process.kill(process.pid, 'SIGSTOP') }, 5); 1",
  )
  await notebook.until(() => notebook.text('stdout') === 'late\n')
  await notebook.runtime.interrupt()
  await notebook.until(() => notebook.lost.length > 0)
  expect(await notebook.result('2')).toBe('2')
})

test('an interrupt ends the wait for a comm whose code never ends, and keeps the variables', async () => {
  await notebook.run("let mine = 1; comm.register('slow', () => new Promise(() => 0))")
  const content = { comm_id: 'c1', target_name: 'slow', data: {} }
  const told = notebook.runtime.comm('comm_open', {
    cellId: 'm1',
    content,
    metadata: {},
    buffers: [],
  })
  expect(await notebook.result('mine')).toBe('1')
  await notebook.runtime.interrupt()
  await told
  expect(await notebook.result('mine')).toBe('1')
})

test('closing ends the runtime and what it started', async () => {
  await notebook.run("const child = require('node:child_process').spawn('sleep', ['600'])")
  const pids = [
    Number(await notebook.result('process.pid')),
    Number(await notebook.result('child.pid')),
  ]
  await notebook.runtime.close()
  for (const pid of pids) await goneFor(pid)
})

test('a spinning runtime whose kernel process was killed ends', async () => {
  const code = 'console.log(process.pid); while (true) {}'
  const kernel = spawn(process.execPath, [RUN_CELL, code], { stdio: ['ignore', 'pipe', 'inherit'] })
  kernel.stdout.setEncoding('utf8')
  const chunks: AsyncIterator<unknown> = kernel.stdout[Symbol.asyncIterator]()
  const pid = Number((await chunks.next()).value)
  kernel.kill('SIGKILL')
  await goneFor(pid)
})

/** Resolves once no process has this id, or only an entry that its parent has not reaped. */
async function goneFor(pid: number): Promise<void> {
  let stat = ''
  const isGone = () => {
    try {
      stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    } catch {
      // ENOENT: gone.
      return true
    }
    return /\) Z /.test(stat)
  }
  await until(isGone, `process ${pid} ends`, { saw: () => stat })
}
