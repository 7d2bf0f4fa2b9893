// Kernels of one test, each with a client, that are ended after it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { until } from '../../../test/helpers/until.ts'
import { Client } from './client.ts'
import { spawnKernel } from './kernel.ts'
import type { Spawned } from './kernel.ts'
import { TYPES } from './typing.ts'

export type Started = Spawned & { client: Client }

/** What `closeAll` closes, newest first. */
export const open: Array<{ close(): unknown }> = []

export async function closeAll(): Promise<void> {
  for (const one of open.splice(0).toReversed()) await one.close()
}

export async function start(options: Parameters<typeof spawnKernel>[0] = {}): Promise<Started> {
  const kernel = await spawnKernel(options)
  open.push(kernel)
  const client = await new Client(kernel.connection).connect()
  open.push(client)
  return { ...kernel, client }
}

/** A kernel with types whose folder has these files from the beginning. */
export function startIn(files: Readonly<Record<string, string>>): Promise<Started> {
  return start({
    env: TYPES,
    args(file) {
      for (const [name, text] of Object.entries(files)) {
        const path = join(dirname(file), name)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, text)
      }
      return [file]
    },
  })
}

/** Resolves when the process is gone. */
export const gone = (pid: number) => until(() => !isAlive(pid), `process ${pid} ends`)

export async function pidOfRuntime(client: Client): Promise<number> {
  const { iopub } = await client.execute('process.pid')
  const result = iopub.find(({ header }) => header.msg_type === 'execute_result')
  return Number(/\d+/.exec(JSON.stringify(result?.content['data']))?.[0])
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    // ESRCH: no such process.
    return false
  }
}
