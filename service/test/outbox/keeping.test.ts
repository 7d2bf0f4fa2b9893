// What the outbox keeps how long, by a clock: the content of posts that their services have, then
// the posts, then the memory that there were some.
import { expect, test } from '@jest/globals'
import type { Block } from '../../../post/contract/schema.ts'
import { ShownStore } from '../../convert/shown-store.ts'
import { SCHEMA } from '../../schema.ts'
import { SqliteOutbox } from '../../outbox/store.ts'
import { Blobs } from '../../storage/blobs.ts'
import { Database } from '../../storage/database.ts'
import { ALONE, wholly } from '../helpers/batches.ts'
import { claimEdit, claimPost } from '../helpers/claims.ts'

const DAY = 24 * 60 * 60_000
const ADA = { name: 'ada', lanes: [] }
const DELIVERED = {
  messages: [{ id: 'm1', text: true, files: true }],
  url: 'https://chat.example/team/pl/m1',
  thread: 'm1',
  leftOut: [],
}
const said = (text: string): Block[] => [{ type: 'message', text }]
const file = (text: string) => ({ name: 'a.txt', mimetype: 'text/plain', bytes: Buffer.from(text) })

function bench() {
  const db = new Database(':memory:', SCHEMA)
  const blobs = new Blobs(db)
  const clock = { ms: 1000 * DAY }
  const outbox = new SqliteOutbox(db, blobs, () => clock.ms)
  const shown = new ShownStore(db, blobs)
  const accept = async (...lanes: string[]) => {
    const { answer } = await outbox.accept({
      person: { name: 'ada', groups: [] },
      idempotency: undefined,
      blocks: said('hello'),
      files: [file('bytes')],
      source: { notebook: 'a.ipynb' },
      thread: undefined,
      goals: lanes.map((lane) => ({
        typed: lane,
        service: 'chat',
        target: { kind: 'channel', name: lane },
        destination: { lane, label: lane, address: {}, notices: [] },
        addressOf: () => undefined,
        label: lane,
      })),
    })
    return answer.posts.map(({ id }) => id)
  }
  const deliver = async () => {
    const claim = await claimPost(outbox, 1000)
    if (!claim) throw new Error('nothing was claimed')
    await outbox.delivered(claim, DELIVERED)
    return claim.id
  }
  /** What a relay does with the default settings. */
  const also = (id: string) => shown.empty(id)
  const prune = async (isNeeded: (id: string) => boolean = () => false) => {
    await wholly(outbox.keeping.contents(clock.ms - 7 * DAY, { isNeeded, also }))
    await wholly(outbox.keeping.posts(clock.ms - 90 * DAY, { ...ALONE, isNeeded }))
  }
  const count = (table: string) => db.get(`SELECT count(*) AS n FROM ${table}`)?.n
  return { db, blobs, clock, outbox, shown, accept, deliver, prune, count }
}

test('the content of a delivered post is deleted 7 days after its delivery, the post after 90', async () => {
  const at = bench()
  const [id = ''] = await at.accept('lab')
  // It waited for the chat.
  at.clock.ms += 5 * DAY
  await at.deliver()
  await at.db.write(() => at.shown.keep(id, 'x', { blocks: said('drawn'), files: [file('png')] }))
  at.clock.ms += 7 * DAY
  await at.prune()
  expect(at.outbox.read(id, ADA)).toMatchObject({ blocks: said('hello'), files: [{ size: 5 }] })
  expect(at.count('blob')).toBe(2)

  at.clock.ms += 1
  await at.prune()
  expect(at.outbox.read(id, ADA)).toMatchObject({
    pruned: true,
    status: 'delivered',
    url: DELIVERED.url,
    source: { notebook: 'a.ipynb' },
    files: [],
    blocks: [{ type: 'notice', text: expect.stringContaining(`see ${DELIVERED.url}`) }],
  })
  expect(at.outbox.file(id, 0, ADA)).toBeUndefined()
  expect([at.count('blob'), at.shown.read(id)?.blocks]).toEqual([0, []])
  expect(JSON.stringify(at.db.all('SELECT * FROM submission'))).not.toContain('hello')

  at.clock.ms += 78 * DAY
  await at.prune()
  expect(at.outbox.find(id)).toBeUndefined()
  expect([at.count('submission'), at.count('post')]).toEqual([0, 0])
  expect(at.outbox.keeping.find(id, ADA)).toEqual({ at: at.clock.ms, why: 'old' })
  expect(at.outbox.keeping.find(id, { name: 'eve', lanes: ['chat:town'] })).toBeUndefined()
  expect(at.outbox.keeping.find(id, { name: 'bob', lanes: ['chat:lab'] })).toBeDefined()
  await wholly(at.outbox.keeping.links(at.clock.ms + 1))
  expect(at.outbox.keeping.find(id, ADA)).toBeUndefined()
})

test('what waits, what is to be changed and what is needed keeps its content, however old', async () => {
  const at = bench()
  const [changed = ''] = await at.accept('one')
  await at.deliver()
  const [needed = ''] = await at.accept('two')
  await at.deliver()
  const [waiting = ''] = await at.accept('three')
  at.clock.ms += 100 * DAY
  const content = { blocks: said('new'), files: [], source: undefined }
  await at.outbox.edits.change(changed, content, { gapMs: 0, idempotency: undefined })
  await at.prune((id) => id === needed)
  const texts = [changed, needed, waiting].map((id) => at.outbox.read(id, ADA)?.blocks)
  expect(texts).toEqual([said('new'), said('hello'), said('hello')])
})

test('a post to two targets keeps its content while one of them has not got it', async () => {
  const at = bench()
  const [one = '', two = ''] = await at.accept('one', 'two')
  await at.deliver()
  const claim = await claimPost(at.outbox, 1000)
  if (claim) await at.outbox.dead(claim, 'refused')
  at.clock.ms += 8 * DAY
  await at.prune()
  const [first, second] = [one, two].map((id) => at.outbox.read(id, ADA))
  expect(new Set([first?.status, second?.status])).toEqual(new Set(['dead', 'delivered']))
  const dead = [first, second].find((post) => post?.status === 'dead')
  expect(dead).toMatchObject({ blocks: said('hello'), files: [{ size: 5 }] })
})

test('a post whose content was deleted can be changed, and the chat knows which files it has', async () => {
  const at = bench()
  const [id = ''] = await at.accept('lab')
  await at.deliver()
  const hashes = at.db.all('SELECT sha256 FROM blob').map(({ sha256 }) => sha256)
  at.clock.ms += 8 * DAY
  await at.prune()
  const content = { blocks: said('new'), files: [file('bytes')], source: undefined }
  await at.outbox.edits.change(id, content, { gapMs: 0, idempotency: undefined })
  const edit = await claimEdit(at.outbox, 1000)
  expect(edit).toMatchObject({ deliveredFiles: hashes, content: { blocks: said('new') } })
  if (edit) await at.outbox.edits.written(edit, DELIVERED, 0)
  at.clock.ms += 7 * DAY
  await at.prune()
  expect(at.outbox.read(id, ADA)?.blocks).toEqual(said('new'))
  at.clock.ms += 1
  await at.prune()
  expect(at.outbox.read(id, ADA)?.pruned).toBe(true)
  expect([at.count('content'), at.count('blob')]).toEqual([0, 0])
})

test('a removed message of the inbox takes its post along, and its key is still known', async () => {
  const at = bench()
  const { answer } = await at.outbox.accept({
    person: { name: 'ada', groups: [] },
    idempotency: { key: 'k', hash: 'h' },
    blocks: said('hello'),
    files: [file('bytes')],
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
  const id = answer.posts[0]?.id ?? ''
  await at.deliver()
  await at.db.write(() =>
    at.outbox.keeping.remove({ id, person: 'ada', lane: 'inbox:@ada' }, 'room'),
  )
  expect(at.outbox.find(id)).toBeUndefined()
  expect(at.count('blob')).toBe(0)
  expect(at.outbox.keeping.find(id, ADA)?.why).toBe('room')
  expect(at.outbox.answered('ada', { key: 'k', hash: 'h' })?.posts[0]?.id).toBe(id)
})
