// Many large files at once, from as many people, while everything is in the relay's memory or on
// its disk only. Who is told to try again does so.
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import { authorized, temporaryFolder } from '../../service/test/helpers/relay.ts'
import { hubOfAll, memoryOf, personOf, relayProgram, tokenOf } from './programs.ts'
import type { RelayProgram } from './programs.ts'
import { sizes } from './sizes.ts'

export interface Uploading {
  /** MB: before the first, and the most at any time. */
  before: number
  most: number
  seconds: number
  /** How often somebody was told to try again. */
  again: number
}

export async function uploading(): Promise<Uploading> {
  await using hub = await hubOfAll()
  using folder = temporaryFolder()
  await using relay = await relayProgram(folder.path, { hub })
  const before = memoryOf(relay.pid).now
  const start = performance.now()
  const people = Array.from({ length: sizes.uploads }, (_, client) => upload(relay, client))
  const tries = await Promise.all(people)
  return {
    before,
    most: memoryOf(relay.pid).most,
    seconds: (performance.now() - start) / 1000,
    again: tries.reduce((sum, count) => sum + count - 1, 0),
  }
}

/** @returns The number of tries. */
async function upload({ port, prefix }: RelayProgram, client: number): Promise<number> {
  const bytes = randomBytes(sizes.uploadBytes)
  const manifest = {
    targets: [`inbox:@${personOf(client)}`],
    blocks: [{ type: 'file', file: 0 }],
  }
  const key = createHash('sha256').update(bytes).digest('hex')
  for (let tries = 1; ; tries += 1) {
    const form = new FormData()
    form.append('post', JSON.stringify(manifest))
    form.append('files', new File([bytes], 'model.bin'))
    const answer = await fetch(`http://127.0.0.1:${port}${prefix}api/v1/posts`, {
      method: 'POST',
      body: form,
      headers: { ...authorized(tokenOf(client)), 'idempotency-key': key },
    })
    const text = await answer.text()
    if (answer.status === 202) return tries
    if (answer.status !== 503) throw new Error(`Expected 202 or 503, got ${answer.status}: ${text}`)
    await delay(Number(answer.headers.get('retry-after') ?? 1) * 1000)
  }
}
