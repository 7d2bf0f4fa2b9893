// Cells that write without end: the kernel process stays small, answers, and interrupts.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'
import { childrenOf, memoryOf } from '../helpers/process.ts'
import { MB, PATIENCE, amount, figure } from '../helpers/stress.ts'

/** MB that a cell prints. */
const FLOOD = amount(200, 2000)

let kernel: Spawned
let client: Client
beforeEach(async () => {
  kernel = await spawnKernel()
  client = await new Client(kernel.connection).connect()
  await client.execute('1')
})
afterEach(async () => {
  client.close()
  await kernel.close()
})

test.each([
  [
    'long lines',
    `const line = 'x'.repeat(1e6 - 1); for (let i = 0; i < ${FLOOD}; i++) console.log(line)`,
  ],
  [
    'a child process',
    `require('node:child_process').execSync('yes jupyterpost | head -c ${FLOOD}M', { stdio: 'inherit' })`,
  ],
])(
  '%s that write more than anyone reads leave the kernel small',
  async (name, code) => {
    const before = memoryOf(kernel.child.pid!).now
    const started = performance.now()
    const { reply } = await client.execute(code)
    expect(reply.content).toMatchObject({ status: 'ok' })
    const grown = memoryOf(kernel.child.pid!).peak - before
    const [runtime] = childrenOf(kernel.child.pid!)
    figure(
      `${FLOOD} MB of ${name}: seconds, MB grown, MB of the runtime at most`,
      (performance.now() - started) / 1000,
      grown / MB,
      memoryOf(runtime!).peak / MB,
    )
    expect(grown).toBeLessThan(100 * MB)
  },
  PATIENCE,
)

test(
  'a cell that displays more than anyone looks at is cut with a word, and what it shows at its end is not',
  async () => {
    const before = memoryOf(kernel.child.pid!).now
    const started = performance.now()
    const code = `for (let i = 0; i < ${FLOOD}; i++) display({ 'text/plain': 'x'.repeat(1e6) }, { raw: true }); 'last'`
    const { reply, iopub } = await client.execute(code)
    expect(reply.content).toMatchObject({ status: 'ok' })
    const grown = memoryOf(kernel.child.pid!).peak - before
    figure(
      `${FLOOD} displays of 1 MB: seconds, MB grown`,
      (performance.now() - started) / 1000,
      grown / MB,
    )
    // 128 MB, and what the allowance regains while it runs.
    const shown = iopub.filter(({ header }) => header.msg_type === 'display_data').length
    expect(shown).toBeGreaterThanOrEqual(127)
    expect(shown).toBeLessThan(140)
    const said = iopub.map(({ content }) => content['text']).filter((text) => text !== undefined)
    expect(said).toEqual([
      expect.stringContaining('more than 128 MB of displays'),
      expect.stringContaining(`${FLOOD - shown} displays`),
    ])
    expect(iopub.at(-3)?.header.msg_type).toBe('execute_result')
    // What one cell may display waits for the client and is kept for posts, and there is garbage.
    expect(grown).toBeLessThan(500 * MB)
  },
  PATIENCE,
)

test.each([
  ['short lines', "while (true) console.log('x')"],
  ['lines on both streams', "for (;;) { console.log('x'); console.error('y') }"],
  ['lines of a child', "require('node:child_process').execSync('yes', { stdio: 'inherit' })"],
  ['displays', 'for (;;) display(1)'],
  ['updates', 'const shown = display(0); for (let i = 0; ; i++) shown.update(i)'],
])(
  'a flood of %s ends when it is interrupted, with state kept, and the kernel small',
  async (name, code) => {
    const before = memoryOf(kernel.child.pid!).now
    await client.execute('const kept = 41')
    const request = await client.send('execute_request', { code })
    await client.until(
      ({ header, parent }) =>
        parent['msg_id'] === request && /^(stream|display_data)$/.test(header.msg_type),
    )
    // It goes on for a while, and the kernel answers meanwhile.
    for (let asked = 0; asked < 20; asked++) await client.ask('kernel_info_request')
    const started = performance.now()
    await client.send('interrupt_request', {}, { channel: 'control' })
    const { reply } = await client.answer(request)
    const took = performance.now() - started
    const grown = memoryOf(kernel.child.pid!).peak - before
    figure(`interrupt of a flood of ${name}: ms, MB grown`, took, grown / MB)
    expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
    expect(grown).toBeLessThan(100 * MB)
    const { iopub } = await client.execute('kept + 1')
    const result = iopub.find(({ header }) => header.msg_type === 'execute_result')
    expect(result?.content['data']).toMatchObject({ 'text/plain': '42' })
  },
  PATIENCE,
)
