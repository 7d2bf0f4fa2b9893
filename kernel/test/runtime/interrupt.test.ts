// Interrupts of real workloads: the cell ends, its state is kept, the next cell is not hit.
import { once } from 'node:events'
import { builtinModules } from 'node:module'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(async () => {
  notebook = new TestRuntime()
  await notebook.run(`
    let kept = 'kept'
    const { AsyncLocalStorage } = await import('node:async_hooks')
    const userStorage = new AsyncLocalStorage()`)
})
afterAll(() => notebook.close())

test.each([
  ['a sync loop', "console.log('go'); while (true) {}"],
  [
    'a loop that catches everything',
    "console.log('go'); while (true) { try { while (true) {} } catch {} }",
  ],
  ['an await that never settles', "console.log('go'); await new Promise(() => {})"],
  ['a microtask loop', "console.log('go'); await null; for (;;) await null"],
  [
    'a sync loop before microtasks that spin',
    "void (async () => { for (;;) await null })(); console.log('go'); while (true) {}",
  ],
  ['a loop after an await', "await null; console.log('go'); while (true) {}"],
  [
    'a loop in a timer',
    "setTimeout(() => { console.log('go'); while (true) {} }); await new Promise(() => {})",
  ],
  [
    'a timer that starts itself',
    "const again = () => setImmediate(again); again(); console.log('go'); await new Promise(() => {})",
  ],
  ['a catastrophic regex', "console.log('go'); /^(a+)+$/.test('a'.repeat(40) + 'b')"],
  [
    'Atomics.wait',
    "console.log('go'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  ],
  ['execSync', "console.log('go'); require('node:child_process').execSync('sleep 60')"],
  [
    'execSync after an await',
    "await null; console.log('go'); require('node:child_process').execSync('sleep 60')",
  ],
  ['a flood of text', "console.log('go'); for (;;) console.log('x'.repeat(1000))"],
  [
    "a loop in a user's AsyncLocalStorage",
    "console.log('go'); await userStorage.run(1, async () => { await null; for (;;) await null })",
  ],
])('%s is interrupted and the state kept', async (_name, source) => {
  const running = notebook.run(source)
  const { cellId } = notebook
  await notebook.until(() => notebook.text('stdout', cellId).startsWith('go'))
  await notebook.runtime.interrupt()
  const outcome = await running
  expect(outcome).toMatchObject({
    status: 'error',
    interrupted: true,
    error: { ename: 'KeyboardInterrupt', evalue: 'The cell was interrupted.' },
  })
  expect(await notebook.result('kept')).toBe("'kept'")
  notebook.outputs.length = 0
})

test.each(['', 'await null; '])(
  '%jexecSync is interrupted with all that it started; processes of earlier cells live on',
  async (before) => {
    await notebook.run(`
      const { spawn, execSync } = require('node:child_process')
      const server = spawn('sh', ['-c', 'sleep 60 & wait'], { stdio: 'ignore' })
      // Older than the next cell by more than the blur of ages.
      await new Promise((resolve) => setTimeout(resolve, 50))
    `)
    const running = notebook.run(
      `${before}console.log('go'); execSync('echo $$ >&2; sh -c "sleep 60; true"; true', { stdio: ['ignore', 'pipe', 'inherit'] })`,
    )
    const { cellId } = notebook
    await notebook.until(() => /^\d+\n$/.test(notebook.text('stderr', cellId)))
    await notebook.runtime.interrupt()
    expect(await running).toMatchObject({ interrupted: true })
    const shell = notebook.text('stderr', cellId).trim()
    expect(existsSync(`/proc/${shell}`)).toBe(false)
    expect(await notebook.result('[server.exitCode, server.signalCode, server.kill()]')).toBe(
      '[ null, null, true ]',
    )
    notebook.outputs.length = 0
  },
)

test.each([
  ['require', 'require'],
  ['process.getBuiltinModule', 'process.getBuiltinModule'],
  ['import()', 'await import'],
])(
  'an interrupt while %s loads a module of Node does not break the module',
  async (_name, load) => {
    const own = new TestRuntime()
    try {
      const names = builtinModules
        .filter((name) => !name.startsWith('_'))
        .map((name) => (name.startsWith('node:') ? name : `node:${name}`))
      for (const name of names) {
        const running = own.run(`console.log('go'); ${load}('${name}'); for (;;);`)
        const { cellId } = own
        await own.until(() => own.text('stdout', cellId).startsWith('go'))
        await own.runtime.interrupt()
        expect(await running).toMatchObject({ interrupted: true })
      }
      expect(
        await own.result(
          `${JSON.stringify(names)}.filter((name) => Reflect.ownKeys(require(name)).length === 0)`,
        ),
      ).toBe('[]')
    } finally {
      await own.close()
    }
  },
)

test('an interrupt stops the fetch behind an await', async () => {
  const closed = Promise.withResolvers<void>()
  const server = createServer(({ socket }) => socket.once('close', closed.resolve))
  const requested = once(server, 'request')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const running = notebook.run(`await fetch('http://127.0.0.1:${port}/')`)
  await requested
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ interrupted: true })
  await closed.promise
  server.close()
})

test('a loop that V8 cannot stop under async hooks costs the runtime, and the cell says why', async () => {
  const own = new TestRuntime()
  try {
    const running = own.run(
      // Printed from inside the loop: before it the cell could still be interrupted.
      "require('node:async_hooks').createHook({ init() {} }).enable(); for (let n = 0; ; n++) { await null; if (n === 9) console.log('go') }",
    )
    await own.until(() => own.text('stdout') === 'go\n')
    await own.runtime.interrupt()
    expect(await running).toMatchObject({
      error: { ename: 'RuntimeLostError', evalue: expect.stringContaining('createHook') },
    })
    expect(await own.result('1')).toBe('1')
  } finally {
    await own.close()
  }
})

test('a module interrupted while it loads is loaded anew', async () => {
  const path = join(notebook.cwd, 'slow.cjs')
  writeFileSync(
    path,
    "globalThis.times = (globalThis.times ?? 0) + 1; console.log('go'); while (times < 2) {}; exports.whole = true",
  )
  const running = notebook.run("require('./slow.cjs')")
  await notebook.until(() => notebook.text('stdout').startsWith('go'))
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ interrupted: true })
  expect(await notebook.result("require('./slow.cjs')")).toBe('{ whole: true }')
})

test('a promise that never settles as the last value says so after 10 s, once, and is interrupted', async () => {
  const started = performance.now()
  const running = notebook.run('new Promise(() => {});')
  const { cellId } = notebook
  await notebook.until(() => notebook.text('stderr', cellId) !== '')
  expect(performance.now() - started).toBeGreaterThan(9900)
  expect(notebook.text('stderr', cellId)).toMatch(
    /^\[the cell waits for its last value.*interrupt.*;;.*\]\n$/,
  )
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ interrupted: true })
  expect(await notebook.run('new Promise(() => {});;')).toEqual({ status: 'ok' })
  expect(await notebook.result('kept')).toBe("'kept'")
})

test('an interrupt while nothing runs changes nothing', async () => {
  await notebook.runtime.interrupt()
  expect(await notebook.result('kept')).toBe("'kept'")
})

test('an interrupt aborts cell.signal and the calls of the cell', async () => {
  notebook.answer = ({ signal }) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('aborted'))),
    )
  const running = notebook.run(
    "cell.signal.addEventListener('abort', () => { globalThis.heard = true }); await input()",
    { allowStdin: true },
  )
  await notebook.until(() => notebook.calls.length > 0)
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ interrupted: true })
  expect(notebook.calls.at(-1)?.signal.aborted).toBe(true)
  expect(await notebook.result('heard')).toBe('true')
})

test('timers of the interrupted cell stop, those of other cells live on', async () => {
  await notebook.run('globalThis.other = 0; setInterval(() => { other += 1 }, 1).unref(); 0')
  await notebook.run('globalThis.mine = 0; 0')
  const running = notebook.run(`
    const { setTimeout: sleep } = require('node:timers/promises')
    setInterval(() => { mine += 1 }, 1)
    setTimeout(() => { mine += 1 }, 50)
    setImmediate(() => console.log('go'))
    for (;;) { await sleep(1); mine += 1 }`)
  await notebook.until(() => notebook.text('stdout').startsWith('go'))
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ interrupted: true })
  expect(
    await notebook.result(
      'const [before, at] = [mine, other]; while (other < at + 50) await new Promise((resolve) => setTimeout(resolve, 1)); mine - before',
    ),
  ).toBe('0')
})

test('a callback that spins after its cell ended is interrupted, again and again, and the next cell is not hit', async () => {
  for (const count of [1, 2]) {
    await notebook.run("setTimeout(() => { console.log('late'); while (true) {} }, 5); 1")
    const { cellId } = notebook
    await notebook.until(() => notebook.text('stdout', cellId).includes('late'))
    await notebook.runtime.interrupt()
    expect(await notebook.run(`kept + ${count}`)).toEqual({ status: 'ok' })
  }
})

test('an interrupt while the process starts costs no variables, neither before the first cell nor in it', async () => {
  const own = new TestRuntime()
  try {
    await own.runtime.interrupt()
    const running = own.run('await new Promise(() => {})')
    // The cell is on its way.
    await new Promise((resolve) => setImmediate(resolve))
    await own.runtime.interrupt()
    expect(await running).toMatchObject({ interrupted: true })
    expect(await own.result('1')).toBe('1')
    expect(own.lost).toEqual([])
  } finally {
    await own.close()
  }
})
