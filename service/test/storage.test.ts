// The relay's storage when the disk is full, and when it is closed while something is under way.
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

import { SqliteOutbox } from '../outbox/store.ts'
import { Blobs } from '../storage/blobs.ts'
import { SCHEMA } from '../schema.ts'
import { Database, Undone } from '../storage/database.ts'
import { wholly } from './helpers/batches.ts'
import { temporaryFolder, testRelay } from './helpers/relay.ts'
import { claimPost } from './helpers/claims.ts'

test('if the disk is full, writers and /ready learn it, and the database works again once there is room', async () => {
  using folder = temporaryFolder()
  const db = new Database(join(folder.path, 'full.sqlite'), [])
  db.define('CREATE TABLE filled (bytes BLOB)')
  const fill = (size: number) =>
    db.write(() => db.run('INSERT INTO filled VALUES ($bytes)', { $bytes: Buffer.alloc(size) }))
  expect(await db.problem()).toBeUndefined()
  // SQLite's own limit fails like a full disk.
  db.define('PRAGMA max_page_count = 20')
  const both = await Promise.allSettled([fill(10), fill(1_000_000)])
  expect(both.map(({ status }) => status)).toContain('rejected')
  await expect(fill(1_000_000)).rejects.toMatchObject({
    code: 'storage',
    message: expect.stringContaining('full'),
  })
  db.define('PRAGMA max_page_count = 1000')
  await fill(1000)
  expect(await db.problem()).toBeUndefined()
  db.define('PRAGMA query_only = 1')
  expect(await db.problem()).toContain('readonly')
  db.close()
})

test('a write that was on its way is stored by close, and one after it is refused', async () => {
  using folder = temporaryFolder()
  const db = new Database(join(folder.path, 'closed.sqlite'), [])
  const stored = db.write(() => 'stored')
  db.close()
  await expect(stored).resolves.toBe('stored')
  await expect(db.write(() => 'late')).rejects.toMatchObject({ code: 'storage' })
})

test.each(['a file', 'a file that is not there yet'])(
  'two relays never open one database, also through a symbolic link to %s',
  async (kind) => {
    using folder = temporaryFolder()
    const [file, link] = [join(folder.path, 'posts.sqlite'), join(folder.path, 'link.sqlite')]
    if (kind === 'a file') new Database(file, SCHEMA).close()
    symlinkSync(file, link)
    await using _first = await testRelay({ ...folder.env, JUPYTERPOST_DATABASE: link })
    await expect(testRelay({ ...folder.env, JUPYTERPOST_DATABASE: file })).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('another relay is using it'),
    })
  },
)

test('a relay can be closed as soon as it has started', async () => {
  using folder = temporaryFolder()
  const relay = await testRelay(folder.env)
  await relay[Symbol.asyncDispose]()
})

test('events are forgotten as posts are, or they would fill the disk of years', async () => {
  const db = new Database(':memory:', SCHEMA)
  const outbox = new SqliteOutbox(db, new Blobs(db), () => 1000)
  await outbox.accept({
    person: { name: 'ada', groups: [] },
    idempotency: undefined,
    blocks: [{ type: 'message', text: 'x' }],
    files: [],
    source: {},
    thread: undefined,
    goals: [
      {
        typed: '@me',
        service: 'inbox',
        target: { kind: 'me' },
        destination: { lane: '@ada', label: 'your inbox', address: {}, notices: [] },
        addressOf: () => undefined,
        label: '@me',
      },
    ],
  })
  const events = () => db.get('SELECT count(*) AS n FROM event')?.n
  await wholly(outbox.keeping.events(1000))
  expect(events()).toBe(1)
  const claim = await claimPost(outbox, 1000)
  if (claim) await outbox.dead(claim, 'refused')
  const cursor = outbox.cursor()
  await wholly(outbox.keeping.events(2000))
  expect(events()).toBe(0)
  expect(outbox.changes(cursor, { name: 'ada', lanes: [] }, 100)).toEqual({ changes: [], cursor })
  db.close()
})

test('changes of one turn are stored without savepoints, and one that throws undoes only itself', async () => {
  const db = new Database(':memory:', [{ 1: 'CREATE TABLE n (n INTEGER PRIMARY KEY) STRICT' }])
  const put = (n: number) => db.run('INSERT INTO n VALUES ($n)', { $n: n })
  const runs: string[] = []
  const results = await Promise.allSettled([
    db.write(() => (runs.push('one'), put(1))),
    db.write(() => {
      runs.push('two')
      put(2)
      throw new Undone('given up')
    }),
    db.write(() => (runs.push('three'), put(3))),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(db.all('SELECT n FROM n ORDER BY n').map(({ n }) => n)).toEqual([1, 3])
  // The first run ended at the one that threw; then each ran by itself.
  expect(runs).toEqual(['one', 'two', 'one', 'two', 'three'])
  runs.length = 0
  await Promise.all([db.write(() => runs.push('four')), db.write(() => runs.push('five'))])
  expect(runs).toEqual(['four', 'five'])
  db.close()
})
