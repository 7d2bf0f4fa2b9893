// A kernel program and a client for tests that mistreat it: sends any frames, and checks that the
// kernel still answers.
import { afterAll, beforeAll, expect } from '@jest/globals'
import { Client } from './client.ts'
import { spawnKernel } from './kernel.ts'
import type { Spawned } from './kernel.ts'

export interface Abuse {
  readonly kernel: Spawned
  readonly client: Client
  /** Both channels answer, so all that was sent before is handled: shell and control keep order. */
  expectAlive(): Promise<void>
  /** A header as JSON with extra keys; an undefined key is left out. */
  header(extra?: Record<string, unknown>, type?: string): string
}

/** One kernel for all tests of the calling file. */
export function abuse(options: Parameters<typeof spawnKernel>[0] = {}): Abuse {
  let kernel: Spawned | undefined
  let client: Client | undefined
  beforeAll(async () => {
    kernel = await spawnKernel(options)
    client = await new Client(kernel.connection).connect()
  })
  afterAll(async () => {
    client?.close()
    await kernel?.close()
  })
  return {
    get kernel() {
      return started(kernel)
    },
    get client() {
      return started(client)
    },
    async expectAlive() {
      for (const channel of ['shell', 'control'] as const) {
        const { reply } = await started(client).ask('kernel_info_request', {}, channel)
        expect(reply.content['status']).toBe('ok')
      }
    },
    header: (extra = {}, type = 'kernel_info_request') =>
      JSON.stringify({ ...started(client).header(type), ...extra }),
  }
}

function started<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('the kernel was not started')
  return part
}
