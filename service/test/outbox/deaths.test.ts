// What counts as a death of the relay caused by a post, with an outbox that is opened again as
// after a restart.
import { afterEach, beforeEach, expect, test } from '@jest/globals'

import { nextJob } from '../../outbox/job.ts'
import type { Claim } from '../../outbox/outbox.ts'
import { SqliteOutbox } from '../../outbox/store.ts'
import { claimPost } from '../helpers/claims.ts'
import { Blobs } from '../../storage/blobs.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'

let db: Database
let outbox: SqliteOutbox
let now: number

/** After this time a relay tries what earlier ones died at. */
const QUIET_MS = 10_000

beforeEach(() => {
  db = new Database(':memory:', SCHEMA)
  now = 1_000_000
  restart()
})
afterEach(() => db.close())

/** Leaves leases as a killed relay leaves them. */
function restart(): void {
  outbox = new SqliteOutbox(db, new Blobs(db), () => now)
}

async function accept(lane: string): Promise<string> {
  const { answer } = await outbox.accept({
    person: { name: 'ada', groups: [] },
    idempotency: undefined,
    blocks: [{ type: 'message', text: 'x' }],
    files: [],
    source: {},
    thread: undefined,
    goals: [
      {
        typed: lane,
        service: 'script',
        target: { kind: 'channel', name: lane },
        destination: { lane, label: `~${lane}`, address: {}, notices: [] },
        addressOf: () => undefined,
        label: lane,
      },
    ],
  })
  return answer.posts[0]?.id ?? ''
}

function dies(): never {
  throw new Error('out of memory')
}

async function claimed(which?: 'suspects'): Promise<Claim> {
  if (which === 'suspects') now += QUIET_MS
  const claim = await claimPost(outbox, 60_000, which)
  if (!claim) throw new Error('nothing was claimed')
  return claim
}

test('three deaths in a row make a post dead', async () => {
  const id = await accept('lab')
  for (const which of [undefined, undefined, 'suspects'] as const) {
    expect((await claimed(which)).id).toBe(id)
    restart()
  }
  now += QUIET_MS
  expect(await claimPost(outbox, 60_000, 'suspects')).toBeUndefined()
  expect(outbox.find(id)?.post).toMatchObject({
    status: 'dead',
    error: expect.stringContaining('The relay ended 3 times in a row'),
  })
})

test('a lease that was handed back at a clean stop is no death', async () => {
  const id = await accept('lab')
  for (let n = 0; n < 5; n += 1) {
    await outbox.leases.release(await claimed())
    restart()
  }
  expect((await claimed()).id).toBe(id)
})

test('an attempt whose end was recorded begins the count anew', async () => {
  const id = await accept('lab')
  for (let n = 0; n < 2; n += 1) {
    await claimed()
    restart()
  }
  await outbox.retry(await claimed('suspects'), 0, 'The chat has a pause')
  for (let n = 0; n < 2; n += 1) {
    await claimed()
    restart()
  }
  expect((await claimed('suspects')).id).toBe(id)
})

test('a post at which the relay died twice is tried alone, before all others', async () => {
  const suspect = await accept('lab')
  for (let n = 0; n < 2; n += 1) {
    await claimed()
    restart()
  }
  const other = await accept('town')
  now += QUIET_MS
  expect(await nextJob(outbox, { service: 'script', leaseMs: 60_000, idle: false })).toBeUndefined()
  expect(await nextJob(outbox, { service: 'script', leaseMs: 60_000, idle: true })).toMatchObject({
    id: suspect,
    alone: true,
  })
  expect(await nextJob(outbox, { service: 'script', leaseMs: 60_000, idle: false })).toMatchObject({
    id: other,
    alone: false,
  })
})

test('a relay that is killed again and again by something else gives up nothing', async () => {
  const id = await accept('lab')
  await claimed()
  restart()
  await claimed()
  // It never lives long enough for the post to be to blame.
  for (let n = 0; n < 20; n += 1) {
    restart()
    now += QUIET_MS - 1
    expect(await claimPost(outbox, 60_000, 'suspects')).toBeUndefined()
    const other = await accept('town')
    const claim = await claimed()
    expect(claim.id).toBe(other)
    await outbox.dead(claim, 'Not here')
  }
  expect((await claimed('suspects')).id).toBe(id)
})

test('a death is counted before anything of the post is read', async () => {
  const id = await accept('lab')
  const get = db.get.bind(db)
  db.get = (sql, values) => {
    const row = get(sql, values)
    if (row && 'shown' in row) Object.defineProperty(row, 'shown', { get: dies })
    return row
  }
  await expect(claimPost(outbox, 60_000)).rejects.toThrow('out of memory')
  db.get = get
  expect(get('SELECT state, attempts FROM post WHERE id = $id', { $id: id })).toEqual(
    expect.objectContaining({ state: 'leased', attempts: 1 }),
  )
})
