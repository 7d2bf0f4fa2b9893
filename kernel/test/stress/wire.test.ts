// The kernel process over a long day: runtimes that crash again and again, a client that never
// reads.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Subscriber } from 'zeromq'
import { endpoint } from '../../src/protocol/connection.ts'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'
import { childrenOf, memoryOf } from '../helpers/process.ts'
import { MB, PATIENCE, amount, figure, quantile } from '../helpers/stress.ts'

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

const CRASHES = [
  'process.exit(1)',
  'process.abort()',
  "process.kill(process.pid, 'SIGKILL'); for (;;) ;",
  "process.kill(process.pid, 'SIGSEGV'); for (;;) ;",
  'setTimeout(() => process.exit(0)); await new Promise(() => {})',
]

test(
  'a runtime that crashes again and again is replaced each time, and nothing is left of it',
  async () => {
    const rounds = amount(10, 50)
    const times: number[] = []
    const before = memoryOf(kernel.child.pid ?? 0).now
    for (let round = 0; round < rounds; round++) {
      await client.execute('globalThis.mine = 1')
      const code = CRASHES[round % CRASHES.length]!
      const crashed = await client.execute(code)
      expect(crashed.reply.content['ename']).toBe('RuntimeLostError')
      const start = performance.now()
      const { iopub } = await client.execute('typeof mine')
      times.push(performance.now() - start)
      const result = iopub.find(({ header }) => header.msg_type === 'execute_result')
      expect(result?.content['data']).toEqual({ 'text/plain': "'undefined'" })
    }
    expect(childrenOf(kernel.child.pid ?? 0)).toHaveLength(1)
    const grown = (memoryOf(kernel.child.pid ?? 0).now - before) / MB
    figure(
      `${rounds} crashes: ms to the next result (median, worst)`,
      quantile(times, 0.5),
      quantile(times, 1),
    )
    figure('MB grown', grown)
    expect(grown).toBeLessThan(30)
  },
  PATIENCE,
)

test(
  'a client that never reads costs bounded memory, and no other client a message',
  async () => {
    const idle = new Subscriber({ linger: 0, receiveHighWaterMark: 1 })
    try {
      idle.connect(endpoint(kernel.connection, 'iopub'))
      idle.subscribe()
      const before = memoryOf(kernel.child.pid ?? 0).now
      const rounds = amount(10, 150)
      for (let round = 0; round < rounds; round++) {
        const { iopub } = await client.execute(
          'for (let i = 0; i < 1000; i++) display.html(String(i))',
        )
        expect(iopub).toHaveLength(1003)
        client.received.length = 0
      }
      const grown = (memoryOf(kernel.child.pid ?? 0).now - before) / MB
      figure(`${rounds},000 messages for a client that never reads: MB`, grown)
      expect(grown).toBeLessThan(500)
    } finally {
      idle.close()
    }
  },
  PATIENCE,
)

test(
  'updates of 1 MB without end for a client that never reads cost bounded memory; it is interrupted, and small outputs are shown',
  async () => {
    const idle = new Subscriber({ linger: 0, receiveHighWaterMark: 1 })
    try {
      idle.connect(endpoint(kernel.connection, 'iopub'))
      idle.subscribe()
      // Its welcome comes after this.
      await client.execute('1')
      const before = memoryOf(kernel.child.pid ?? 0).now
      const code =
        "const shown = display('0'); for (let i = 0; ; i++) shown.update({ 'text/plain': String(i).padStart(1e6) }, { raw: true })"
      const request = await client.send('execute_request', { code })
      await client.until(
        ({ parent, content }) =>
          parent['msg_id'] === request &&
          String(content['text']).includes('does not read what is shown'),
      )
      const started = performance.now()
      await client.send('interrupt_request', {}, { channel: 'control' })
      const { reply } = await client.answer(request)
      const took = performance.now() - started
      expect(reply.content['ename']).toBe('KeyboardInterrupt')
      const grown = (memoryOf(kernel.child.pid ?? 0).peak - before) / MB
      figure('updates of 1 MB for a client that never reads: ms to interrupt, MB', took, grown)
      expect(grown).toBeLessThan(400)
      const { iopub } = await client.execute('console.log(1); 2')
      expect(iopub.map(({ header }) => header.msg_type)).toContain('execute_result')
    } finally {
      idle.close()
    }
  },
  PATIENCE,
)
