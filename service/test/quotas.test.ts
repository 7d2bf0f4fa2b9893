// Quotas over HTTP: what counts, what is given back, and what `GET api/v1/limits` tells.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { Accepted, LimitsAnswer } from '../../post/contract/schema.ts'
import { authorized, change, message, send, temporaryFolder, testRelay } from './helpers/relay.ts'
import type { Folder, TestRelay } from './helpers/relay.ts'

function withQuota(folder: Folder, quota: object): Promise<TestRelay> {
  const file = join(folder.path, 'relay.json')
  writeFileSync(file, JSON.stringify({ quota }))
  return testRelay({ ...folder.env, JUPYTERPOST_CONFIG: file })
}

async function left(at: TestRelay): Promise<Record<string, number>> {
  const answer = await fetch(new URL('api/v1/limits', at.url), { headers: authorized(at.token) })
  const { quota = {} } = LimitsAnswer.parse(await answer.json())
  return Object.fromEntries(Object.entries(quota).map(([name, one]) => [name, one.left]))
}

test('text, files, changes and refused tries count, and the relay tells what is left', async () => {
  using folder = temporaryFolder()
  const quota = { postsPerMinute: 10, changesPerMinute: 3, textPerHour: 1000, bytesPerHour: 100 }
  await using at = await withQuota(folder, quota)
  const whole = { ...quota, directPerDay: 50 }
  expect(await left(at)).toEqual(whole)

  const sent = await send(at, message('hello', '@me'), { files: [new File(['12345'], 'a.bin')] })
  const text = JSON.stringify(message('hello', '@me')).length
  const after = { postsPerMinute: 9, textPerHour: 1000 - text, bytesPerHour: 95 }
  expect(await left(at)).toEqual({ ...whole, ...after })

  const { posts } = Accepted.parse(await sent.json())
  const changed = { blocks: [{ type: 'message', text: 'new' }] }
  expect((await change(at, posts[0]?.id ?? '', changed)).status).toBe(200)
  const rest = after.textPerHour - JSON.stringify(changed).length
  expect(await left(at)).toEqual({ ...whole, ...after, changesPerMinute: 2, textPerHour: rest })

  // Refused, because it is no JSON: it has cost the relay as much.
  expect((await send(at, 'x'.repeat(50))).status).toBe(400)
  expect(await left(at)).toMatchObject({ postsPerMinute: 8, textPerHour: rest - 50 })
})

test('a flood of text is refused, and so is one of changes, with the time to wait', async () => {
  using folder = temporaryFolder()
  await using at = await withQuota(folder, { textPerHour: 5000, changesPerMinute: 2 })
  const { posts } = Accepted.parse(await (await send(at, message('hello', '@me'))).json())
  const refused = await send(at, message('x'.repeat(5000), '@me'))
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('3600')
  expect(await refused.json()).toMatchObject({ code: 'too_many' })
  const changed = { blocks: [{ type: 'message', text: 'new' }] }
  const statuses = []
  for (let n = 0; n < 3; n += 1)
    statuses.push((await change(at, posts[0]?.id ?? '', changed)).status)
  expect(statuses).toEqual([200, 200, 429])
  at.clock.ms += 60_000
  expect((await change(at, posts[0]?.id ?? '', changed)).status).toBe(200)
})

test('what is repeated by its key costs nothing', async () => {
  using folder = temporaryFolder()
  await using at = await withQuota(folder, { postsPerMinute: 3 })
  for (let n = 0; n < 5; n += 1)
    expect((await send(at, message('hello', '@me'), { key: 'one' })).status).toBe(202)
  expect(await left(at)).toMatchObject({ postsPerMinute: 2 })
})
