// A kernel with its language server, as a person types in it.
import { readFileSync, readdirSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { Client } from '../kernel/test/helpers/client.ts'
import { spawnKernel } from '../kernel/test/helpers/kernel.ts'
import { languageServers } from '../kernel/test/helpers/typescript.ts'
import { TYPES, complete, untilTyped } from '../kernel/test/helpers/typing.ts'

export type TypingKernel = Awaited<ReturnType<typeof startKernel>>

export async function startKernel() {
  const kernel = await spawnKernel({ env: TYPES })
  const client = await new Client(kernel.connection).connect()
  const server = () => languageServers(kernel.child.pid ?? 0)[0] ?? 0
  return {
    async run(code: string): Promise<void> {
      const { reply } = await client.execute(code)
      if (reply.content['status'] !== 'ok') throw new Error(JSON.stringify(reply.content))
      client.received.length = 0
    },
    untilTyped: () => untilTyped(client),
    /** ms of a completion; the first match must be this one. */
    async timed(marked: string, expected: string): Promise<number> {
      const start = performance.now()
      const { texts } = await complete(client, marked)
      const ms = performance.now() - start
      client.received.length = 0
      if (texts[0] !== expected) return Number.POSITIVE_INFINITY
      return ms
    },
    async spin(): Promise<void> {
      await client.send('execute_request', { code: 'console.log(1); while (true) {}' })
      await client.until(({ header }) => header.msg_type === 'stream')
    },
    /** ms of processor time so far. */
    serverCpu(): number {
      const threads = readdirSync(`/proc/${server()}/task`)
      const times = threads.map((thread) =>
        readFileSync(`/proc/${server()}/task/${thread}/schedstat`, 'utf8').split(' ', 1),
      )
      return times.reduce((sum, [nanoseconds]) => sum + Number(nanoseconds) / 1e6, 0)
    },
    /** MB. */
    serverPss(): number {
      const text = readFileSync(`/proc/${server()}/smaps_rollup`, 'utf8')
      return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? Number.NaN) / 1024
    },
    async [Symbol.asyncDispose]() {
      client.close()
      await kernel.close()
    },
  }
}
