// How soon a kernel ends while a cell runs. Measures times: it runs alone.
import { afterEach, expect, test } from '@jest/globals'
import { closeAll, gone, pidOfRuntime, start } from './helpers/started.ts'
import type { Started } from './helpers/started.ts'

afterEach(closeAll)

test.each([
  ['a loop', 'while (true) {}'],
  ['a loop with a SIGINT handler', "process.on('SIGINT', () => {}); while (true) {}"],
  ['an await', 'await new Promise(() => {})'],
  [
    'a loop that cannot be interrupted',
    "require('node:async_hooks').createHook({ init() {} }).enable(); for (;;) await null",
  ],
  ['a program', "require('node:child_process').execSync('sleep 60')"],
  [
    'a loop beside a program that outlives it',
    "require('node:child_process').spawn('sleep', ['1'], { stdio: 'inherit', detached: true }); for (;;) {}",
  ],
  ['a flood', "for (;;) console.log('x')"],
])('the restart button is quick while %s runs', async (_name, code) => {
  const { client, exited } = await start()
  const runtime = await pidOfRuntime(client)
  const cell = await client.send('execute_request', { code })
  await client.until((m) => m.header.msg_type === 'execute_input' && m.parent['msg_id'] === cell)
  const since = performance.now()
  // As jupyter_client does: it interrupts first, and asks whether the process is gone each 100 ms.
  await client.send('interrupt_request', {}, { channel: 'control' })
  await client.ask('shutdown_request', { restart: true }, 'control')
  expect(await exited).toBe(0)
  expect(performance.now() - since).toBeLessThan(1000)
  await gone(runtime)
})

test.each<[string, (kernel: Started) => unknown]>([
  ['SIGTERM', ({ child }) => child.kill('SIGTERM')],
  ['SIGHUP', ({ child }) => child.kill('SIGHUP')],
  ['shutdown_request', ({ client }) => client.ask('shutdown_request', {}, 'control')],
])('%s while a cell spins: the cell is answered, exit 0 within a second', async (_name, end) => {
  const kernel = await start()
  const { client, exited } = kernel
  const cell = await client.send('execute_request', { code: 'for (;;) ;' })
  await client.until((m) => m.header.msg_type === 'execute_input' && m.parent['msg_id'] === cell)
  const since = performance.now()
  await end(kernel)
  expect(await exited).toBe(0)
  // jupyter_client sends SIGTERM after 2500 ms, SIGKILL after 5000.
  expect(performance.now() - since).toBeLessThan(1000)
  expect((await client.answer(cell)).reply.content['status']).toBe('error')
})
