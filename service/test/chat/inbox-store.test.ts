import { expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'

import { InboxReplies } from '../../chat/inbox-replies.ts'
import { InboxStore } from '../../chat/inbox-store.ts'
import { Blobs } from '../../storage/blobs.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import { deliveryTo } from '../helpers/delivery.ts'
import { asks, readPost } from '../helpers/questions.ts'
import { allDelivered, temporaryFolder, testRelay } from '../helpers/relay.ts'

const DAY_MS = 24 * 60 * 60_000
const LAB = { lane: '~lab', label: '~lab', address: { channel: 'lab' }, notices: [] }

const file = (name: string, bytes: number) => ({
  name,
  mimetype: 'text/plain',
  bytes: Buffer.alloc(bytes, name),
})

function bench() {
  const db = new Database(':memory:', SCHEMA)
  const store = new InboxStore(db, new Blobs(db))
  const replies = new InboxReplies(db, Date.now)
  const add = (id: string, at: number, files: ReturnType<typeof file>[] = []) =>
    store.add(deliveryTo(LAB, { id, acceptedAt: new Date(at).toISOString(), files }))
  const ids = () =>
    store
      .list('all', { limit: 1000 })
      .places.map(({ id }) => id)
      .toReversed()
  return { db, store, replies, add, ids, [Symbol.dispose]: () => db.close() }
}

test('what is older is forgotten, with its files and what was said to it', async () => {
  using at = bench()
  await at.add('old', 1000, [file('a', 10), file('shared', 10)])
  await at.add('new', 2000, [file('shared', 10)])
  for (const id of at.ids()) {
    const message = at.store.find(id)
    if (message) await at.replies.add(message, { name: 'ada', groups: [] }, `to ${id}`)
  }
  await at.store.prune(2000, 1e9)
  expect(at.ids()).toEqual(['new'])
  expect(at.store.file('new', 0)?.bytes).toHaveLength(10)
  const count = (table: string) => at.db.get(`SELECT count(*) AS n FROM ${table}`)?.n
  expect([count('blob'), count('blob_use'), count('inbox_reply')]).toEqual([1, 1, 1])
  expect(at.replies.of('new').map(({ text }) => text)).toEqual(['to new'])
})

test('of more bytes than are kept the oldest messages go, however many', async () => {
  using at = bench()
  for (let n = 0; n < 500; n++) await at.add(`m${n}`, n, [file('x', 1000)])
  await at.store.prune(0, 100_000)
  const kept = at.ids()
  // Each has 1000 bytes in its file and a few in its text.
  expect(kept.length).toBeGreaterThan(90)
  expect(kept.length).toBeLessThan(100)
  expect(kept.at(-1)).toBe('m499')
  await at.store.prune(0, 0)
  expect(at.ids()).toEqual([])
})

test('a relay forgets by its configuration when it starts', async () => {
  using folder = temporaryFolder()
  const path = `${folder.path}/config.json`
  writeFileSync(path, JSON.stringify({ inbox: { keepDays: 40 } }))
  const env = { ...folder.env, JUPYTERPOST_CONFIG: path }
  const ids: string[] = []
  {
    await using at = await testRelay(env)
    at.clock.ms -= 41 * DAY_MS
    for (const days of [0, 2]) {
      at.clock.ms += days * DAY_MS
      ids.push(await asks(at, { targets: ['lab'], blocks: [{ type: 'message', text: 'x' }] }))
    }
    await allDelivered(at, ids)
  }
  {
    // Closing waits for the work that the start began.
    await using _ = await testRelay(env)
  }
  await using at = await testRelay(env)
  const [old = '', young = ''] = ids
  await expect(readPost(at, old)).rejects.toThrow()
  expect(await readPost(at, young)).toMatchObject({ status: 'delivered' })
})
