// The kernel process over a long day: runtimes that crash again and again, a client that never reads.
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Subscriber } from 'zeromq'
import { endpoint } from '../../src/protocol/connection.ts'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'
import { memoryOf } from '../helpers/process.ts'
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

function children(): number[] {
  const { pid } = kernel.child
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return list === '' ? [] : list.split(' ').map(Number)
}

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
    expect(children()).toHaveLength(1)
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
