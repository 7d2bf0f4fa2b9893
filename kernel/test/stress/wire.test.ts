// The kernel over a long day: thousands of cells, runtimes that crash again and again, two clients at once, a client that never reads.
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
const clients: Client[] = []

beforeEach(async () => {
  kernel = await spawnKernel()
  client = await connect()
  await client.execute('1')
})
afterEach(async () => {
  for (const one of clients.splice(0)) one.close()
  await kernel.close()
})

async function connect(): Promise<Client> {
  const one = await new Client(kernel.connection).connect()
  clients.push(one)
  return one
}

/** Of the kernel process and of its runtime. */
async function memory(): Promise<number> {
  const pids = [kernel.child.pid ?? 0, ...children()]
  await client.execute('globalThis.gc?.()', { silent: true })
  return pids.reduce((sum, pid) => sum + memoryOf(pid).now, 0)
}

function children(): number[] {
  const { pid } = kernel.child
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return list === '' ? [] : list.split(' ').map(Number)
}

const CELLS = amount(2000, 10_000)

test(
  'the last of thousands of cells is as fast as the first, and memory grows by less than 20 MB a thousand',
  async () => {
    const times: number[] = []
    let before = 0
    for (let i = 0; i < CELLS + 500; i++) {
      // What grows until it is collected is there after the first hundreds.
      if (i === 500) before = await memory()
      const code = `const rows${i % 100} = [1, 2, ${i}].map((x: number) => x * 2)\nconsole.log('cell ${i}')\nrows${i % 100}`
      const start = performance.now()
      const { reply } = await client.execute(code)
      times.push(performance.now() - start)
      expect(reply.content['status']).toBe('ok')
      client.received.length = 0
    }
    const [first, last] = [times.slice(500, 1000), times.slice(-500)].map((some) =>
      quantile(some, 0.5),
    )
    const grown = ((await memory()) - before) / MB / (CELLS / 1000)
    figure(`${CELLS} cells: ms of the first 500, of the last 500`, first ?? 0, last ?? 0)
    figure('MB grown a thousand cells', grown)
    expect(last).toBeLessThan(2 * (first ?? 0))
    expect(grown).toBeLessThan(20)
  },
  PATIENCE,
)

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
  'two clients at once get their own replies in order, and see the same on iopub',
  async () => {
    const other = await connect()
    const cells = amount(200, 2000)
    const sent: string[][] = [[], []]
    for (let i = 0; i < cells; i++) {
      for (const [index, one] of [client, other].entries()) {
        sent[index]?.push(await one.send('execute_request', { code: `console.log(${i})` }))
        if (i % 10 === 0) await one.send('complete_request', { code: 'Mat', cursor_pos: 3 })
      }
    }
    const last = sent.map((ids) => ids.at(-1) ?? '')
    const seen = []
    for (const [index, one] of [client, other].entries()) {
      for (const id of last) await one.transcript(id)
      await one.answer(last[index] ?? '')
      const replies = one.received.filter(({ header }) => header.msg_type === 'execute_reply')
      const replied = replies.map(({ parent }) => parent['msg_id'])
      expect(replied.slice(-cells)).toEqual(sent[index])
      const iopub = one.received.filter(({ channel }) => channel === 'iopub')
      seen.push(iopub.slice(iopub.findIndex(({ parent }) => parent['msg_id'] === sent[0]?.[0])))
    }
    const ids = seen.map((messages) => messages.map(({ header }) => header.msg_id))
    const both = Math.min(...ids.map(({ length }) => length))
    expect(ids[0]?.slice(0, both)).toEqual(ids[1]?.slice(0, both))
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
