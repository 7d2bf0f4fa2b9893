// Many cells, many deaths, two people at once: time and memory stay flat, and nothing is mixed up.
import { expect, test } from '@jest/globals'
import { Client, typesOf } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import { memoryOf } from '../helpers/process.ts'
import { TestRuntime } from '../helpers/runtime.ts'
import { MB, PATIENCE, amount, figure, quantile } from '../helpers/stress.ts'

const CELLS = amount(8000, 10_000)
/** By then the caches are full, also those of cells that are remembered for late output. */
const WARM = 2000
const DEATHS = amount(5, 50)
const ROUNDS = amount(50, 1000)

test(
  `${CELLS} cells take as long at the end as at the start, and little memory`,
  async () => {
    const kernel = await spawnKernel()
    const client = await new Client(kernel.connection).connect()
    try {
      const { reply } = await client.execute('process.pid', {
        user_expressions: { pid: 'process.pid' },
      })
      const pid = Number(JSON.stringify(reply.content).match(/"text\/plain":"(\d+)"/)?.[1])
      const held = () => memoryOf(kernel.child.pid!).own + memoryOf(pid).own
      const times: number[] = []
      // The least of 500 cells each, so that what waits to be collected does not count. A heap
      // grows in steps of many megabytes, so a few thousand cells would not tell.
      let [before, after] = [Infinity, Infinity]
      for (let count = 0; count < CELLS; count++) {
        const started = performance.now()
        await client.execute(
          `const name${count}: number = ${count}; function of${count}(x: number) { return x + name${count} }; console.log(name${count}); of${count}(1)`,
        )
        times.push(performance.now() - started)
        client.received.length = 0
        if (count >= WARM - 500 && count < WARM) before = Math.min(before, held())
        if (count >= CELLS - 500) after = Math.min(after, held())
      }
      const grown = ((after - before) / (CELLS - WARM)) * 1000
      const [first, last] = [times.slice(100, 600), times.slice(-500)]
      figure(
        `${CELLS} cells: ms median of the first and last 500, MB grown a 1,000`,
        quantile(first, 0.5),
        quantile(last, 0.5),
        grown / MB,
      )
      expect(grown).toBeLessThan(20 * MB)
      expect(quantile(last, 0.5)).toBeLessThan(quantile(first, 0.5) * 2)
    } finally {
      client.close()
      await kernel.close()
    }
  },
  PATIENCE,
)

test(
  `${DEATHS} processes die and are replaced`,
  async () => {
    const notebook = new TestRuntime()
    const deaths = [
      'process.exit(1)',
      'process.abort()',
      "process.kill(process.pid, 'SIGSEGV'); await new Promise(() => {})",
      "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
      'await null; process.exit(0)',
    ]
    try {
      const times: number[] = []
      for (let count = 0; count < DEATHS; count++) {
        const outcome = await notebook.run(deaths[count % deaths.length]!)
        expect(outcome).toMatchObject({ status: 'error', error: { ename: 'RuntimeLostError' } })
        const started = performance.now()
        expect(await notebook.result('1 + 1')).toBe('2')
        times.push(performance.now() - started)
      }
      figure(
        `${DEATHS} deaths: ms to the next result, median and most`,
        quantile(times, 0.5),
        Math.max(...times),
      )
    } finally {
      await notebook.close()
    }
  },
  PATIENCE,
)

test(
  'two clients at once each see their own cells whole',
  async () => {
    const kernel = await spawnKernel()
    const clients = await Promise.all([
      new Client(kernel.connection).connect(),
      new Client(kernel.connection).connect(),
    ])
    try {
      const times: number[] = []
      await Promise.all(
        clients.map(async (client, who) => {
          for (let round = 0; round < ROUNDS; round++) {
            const started = performance.now()
            const code = `console.log('${who}:${round}'); await null; display(${round}); '${who}:${round}'`
            const { reply, iopub } = await client.execute(code)
            times.push(performance.now() - started)
            expect(reply.content).toMatchObject({ status: 'ok' })
            expect(typesOf(iopub)).toEqual([
              'busy',
              'execute_input',
              'stream',
              'display_data',
              'execute_result',
              'idle',
            ])
            expect(iopub[2]?.content).toMatchObject({ text: `${who}:${round}\n` })
            client.received.length = 0
          }
        }),
      )
      figure(`${ROUNDS} cells of each of two clients: ms median`, quantile(times, 0.5))
    } finally {
      for (const client of clients) client.close()
      await kernel.close()
    }
  },
  PATIENCE,
)
