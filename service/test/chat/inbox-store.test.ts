import { expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'

import { InboxKeeping } from '../../chat/inbox-keeping.ts'
import { InboxReplies } from '../../chat/inbox-replies.ts'
import { InboxStore } from '../../chat/inbox-store.ts'
import { Blobs } from '../../storage/blobs.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import { ALONE, wholly } from '../helpers/batches.ts'
import { deliveryTo } from '../helpers/delivery.ts'
import { until } from '../../../test/helpers/until.ts'
import { asks, readPost } from '../helpers/questions.ts'
import { allDelivered, authorized, temporaryFolder, testRelay } from '../helpers/relay.ts'

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
  const add = (id: string, at: number, files: ReturnType<typeof file>[] = [], name = 'alice') =>
    store.add(
      deliveryTo(LAB, {
        id,
        acceptedAt: new Date(at).toISOString(),
        files,
        person: { name, groups: [] },
      }),
    )
  const ids = () =>
    store
      .list('all', { limit: 1000 })
      .places.map(({ id }) => id)
      .toReversed()
  const keeping = (bytes: number, bytesPerPerson = bytes) =>
    new InboxKeeping(db, store, { bytes, bytesPerPerson })
  return { db, store, replies, add, ids, keeping, [Symbol.dispose]: () => db.close() }
}

test('what is older is forgotten, with its files and what was said to it', async () => {
  using at = bench()
  await at.add('old', 1000, [file('a', 10), file('shared', 10)])
  await at.add('new', 2000, [file('shared', 10)])
  for (const id of at.ids()) {
    const message = at.store.find(id)
    if (message) await at.replies.add(message, { name: 'ada', groups: [] }, `to ${id}`)
  }
  await wholly(at.keeping(1e9).old(2000, ALONE))
  expect(at.ids()).toEqual(['new'])
  expect(at.store.file('new', 0)?.bytes).toHaveLength(10)
  const count = (table: string) => at.db.get(`SELECT count(*) AS n FROM ${table}`)?.n
  expect([count('blob'), count('blob_use'), count('inbox_reply')]).toEqual([1, 1, 1])
  expect(at.replies.of('new').map(({ text }) => text)).toEqual(['to new'])
})

test('of more bytes than are kept the oldest messages go, however many', async () => {
  using at = bench()
  for (let n = 0; n < 500; n++) await at.add(`m${n}`, n, [file('x', 1000)])
  await wholly(at.keeping(100_000).room(ALONE))
  const kept = at.ids()
  // Each has 1000 bytes in its file, 512 for its row and a few in its text.
  expect(kept.length).toBeGreaterThan(60)
  expect(kept.length).toBeLessThan(67)
  expect(kept.at(-1)).toBe('m499')
  await wholly(at.keeping(0).room(ALONE))
  expect(at.ids()).toEqual([])
  expect(at.db.all('SELECT * FROM inbox_usage')).toEqual([{ person: '', bytes: 0 }])
})

test('somebody who fills the inbox loses their own oldest messages, and nobody else any', async () => {
  using at = bench()
  await at.add('old of bob', 1, [file('x', 1000)], 'bob')
  for (let n = 0; n < 50; n++) await at.add(`m${n}`, 10 + n, [file('x', 1000)], 'eve')
  const keeping = at.keeping(1e9, 20_000)
  expect([keeping.isFull('eve'), keeping.isFull('bob')]).toEqual([true, false])
  await wholly(keeping.room(ALONE))
  expect(keeping.isFull('eve')).toBe(false)
  expect(at.ids()[0]).toBe('old of bob')
  expect(at.ids()).toHaveLength(1 + 12)
  // Beyond the total, too, it is whoever has most.
  await wholly(at.keeping(8000, 1e9).room(ALONE))
  expect(at.ids()[0]).toBe('old of bob')
  expect(at.ids()).toHaveLength(1 + 4)
})

test('a message that is still needed stays, and later ones make room', async () => {
  using at = bench()
  for (let n = 0; n < 10; n++) await at.add(`m${n}`, n)
  const needs = { ...ALONE, isNeeded: (id: string) => id === 'm0' }
  const gone: string[] = []
  await wholly(at.keeping(2000).room({ ...needs, also: ({ id }) => void gone.push(id) }))
  expect(at.ids()[0]).toBe('m0')
  expect(gone).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'])
  await wholly(at.keeping(1e9).old(1e9, needs))
  expect(at.ids()).toEqual(['m0'])
})

test('messages of an older version are measured, and only then counted', async () => {
  using at = bench()
  await at.add('new', 1)
  await at.db.write(() => {
    at.db.run('UPDATE inbox_message SET size = NULL')
    at.db.run('DELETE FROM inbox_usage')
  })
  expect(at.keeping(10).isFull('alice')).toBe(false)
  await wholly(at.store.measure())
  expect(at.keeping(10).isFull('alice')).toBe(true)
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
  await using at = await testRelay(env)
  const [old = '', young = ''] = ids
  const reading = () =>
    fetch(new URL(`api/v1/posts/${old}`, at.url), { headers: authorized(at.token) })
  const gone = await until(async () => {
    const answer = await reading()
    return answer.status !== 200 && answer
  }, 'the old post is deleted')
  expect(gone.status).toBe(410)
  expect(await gone.json()).toMatchObject({
    code: 'no_longer_kept',
    detail: expect.stringMatching(
      /^The relay deleted this post on \d{4}-\d\d-\d\d, because it was old$/,
    ),
  })
  // The outbox has deleted its copy of the other one, the inbox keeps its own.
  const kept = await readPost(at, young)
  expect(kept).toMatchObject({ status: 'delivered', blocks: [{ type: 'message', text: 'x' }] })
  expect(kept.pruned).toBeUndefined()
})
