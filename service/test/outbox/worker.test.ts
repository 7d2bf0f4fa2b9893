import { afterEach, beforeEach, expect, test } from '@jest/globals'

import { computing } from '../../../test/helpers/computing.ts'
import { until as lookUntil, within } from '../../../test/helpers/until.ts'
import { ChatError } from '../../errors.ts'
import { createLog } from '../../log.ts'
import type { StoredPost } from '../../../post/contract/schema.ts'
import { LeaseLost } from '../../outbox/lease.ts'
import { SqliteOutbox } from '../../outbox/store.ts'
import { ALONE, wholly } from '../helpers/batches.ts'
import { claimPost } from '../helpers/claims.ts'
import * as sql from '../../outbox/queries.ts'
import { Worker } from '../../outbox/worker.ts'
import { Blobs } from '../../storage/blobs.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import { ScriptedChat } from '../helpers/chat.ts'

const away = (retryAfterMs?: number) =>
  new ChatError('The chat has a pause', {
    status: 429,
    retryable: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
/** It asks to try this one post again. */
const underWay = () => new ChatError('In progress', { status: 409, retryable: true })
const refused = () => new ChatError('Not here', { status: 403, retryable: false })

const TRY_MS = 7 * 24 * 60 * 60_000

let db: Database
let outbox: SqliteOutbox
let chat: ScriptedChat
let worker: Worker
let now: number

beforeEach(() => {
  now = 1_000_000
  db = new Database(':memory:', SCHEMA)
  outbox = new SqliteOutbox(db, new Blobs(db), () => now)
  chat = new ScriptedChat()
  worker = new Worker({
    outbox,
    services: new Map([['script', chat]]),
    log: createLog('silent'),
    now: () => now,
    random: () => 0.5,
    tryMs: TRY_MS,
  })
})

afterEach(async () => {
  await worker.stop()
  db.close()
})

async function accept(
  text: string,
  lane: string | undefined,
  service = 'script',
  person = 'ada',
): Promise<string> {
  const { answer } = await outbox.accept({
    person: { name: person, groups: [] },
    idempotency: undefined,
    blocks: [{ type: 'message', text }],
    files: [],
    source: {},
    thread: undefined,
    goals: [
      {
        typed: lane ?? 'late',
        service,
        target: { kind: 'channel', name: lane ?? 'late' },
        destination:
          lane === undefined ? undefined : { lane, label: `~${lane}`, address: {}, notices: [] },
        addressOf: () => undefined,
        label: 'late (Script)',
      },
    ],
  })
  return answer.posts[0]?.id ?? ''
}

/** Resolves when the post is as wanted, after the change that made it so. */
async function until(id: string, is: (post: StoredPost) => boolean): Promise<StoredPost> {
  const { promise, resolve } = Promise.withResolvers<StoredPost>()
  const look = () => {
    const found = outbox.find(id)?.post
    if (found && is(found)) resolve(found)
  }
  const unsubscribe = outbox.onChange(look)
  look()
  const saw = () => outbox.find(id)?.post
  return within(promise, `post ${id}: ${String(is)}`, { saw }).finally(unsubscribe)
}

const status = (wanted: StoredPost['status']) => (post: StoredPost) => post.status === wanted

test('posts of one lane are delivered in their order', async () => {
  const ids = await Promise.all(['a', 'b', 'c', 'd'].map((text) => accept(text, 'lab')))
  await until(ids[3] ?? '', status('delivered'))
  expect(chat.delivered).toEqual(['a', 'b', 'c', 'd'])
})

test('a post that is tried again holds its lane and no other', async () => {
  chat.script.push(underWay())
  const first = await accept('first', 'lab')
  await until(first, status('retrying'))
  const second = await accept('second', 'lab')
  await until(await accept('other', 'town'), status('delivered'))
  expect(chat.delivered).toEqual(['other'])
  now += 1000
  worker.wake()
  await until(second, status('delivered'))
  expect(chat.delivered).toEqual(['other', 'first', 'second'])
})

test('the wait that the chat asks for is honoured in all its lanes, and in no other service', async () => {
  const other = new ScriptedChat()
  worker = await replaced(
    new Map([
      ['script', chat],
      ['other', other],
    ]),
  )
  chat.script.push(away(60_000))
  const id = await accept('x', 'lab')
  const { error } = await until(id, status('retrying'))
  expect(error).toBe('The chat has a pause')
  expect(outbox.nextDue()).toBe(now + 60_000)
  now += 59_999
  const second = await accept('y', 'town')
  await until(await accept('z', 'elsewhere', 'other'), status('delivered'))
  expect(chat.attempts).toEqual(['x'])
  now += 1
  worker.wake()
  await until(second, status('delivered'))
  expect(await until(id, status('delivered'))).toMatchObject({ url: `https://chat/${id}` })
})

test('a service that is back after a pause is tried with one job, then with all', async () => {
  chat.script.push(away(1000), away(1000))
  const ids = await Promise.all(['a', 'b', 'c', 'd'].map((text) => accept(text, text)))
  await until(ids[0] ?? '', status('retrying'))
  await settled(worker)
  // Those that were under way when it began to pause.
  const before = chat.attempts.length
  chat.script.push(away(1000))
  now += 1000
  await settled(worker)
  expect(chat.attempts.length).toBe(before + 1)
  now += 1000
  await settled(worker)
  expect(chat.delivered.toSorted()).toEqual(['a', 'b', 'c', 'd'])
})

test('a chat that hangs holds up no other, however many of its posts wait', async () => {
  const other = new ScriptedChat()
  worker = await replaced(
    new Map([
      ['script', chat],
      ['other', other],
    ]),
  )
  chat.script.push(...Array.from({ length: 40 }, () => 'hang' as const))
  await Promise.all(Array.from({ length: 40 }, (_, n) => accept(`${n}`, `lane ${n}`)))
  await until(await accept('z', 'elsewhere', 'other'), status('delivered'))
  await lookUntil(() => chat.attempts.length === 8, 'eight hang')
  await worker.stop(AbortSignal.abort())
})

test('somebody with many posts waits behind the first post of everybody else', async () => {
  await worker.stop()
  for (let n = 0; n < 100; n += 1) await accept(`ada ${n}`, `lane ${n}`)
  await accept('bob', 'another', 'script', 'bob')
  const order: string[] = []
  for (let n = 0; n < 3; n += 1) {
    const claim = await claimPost(outbox, 90_000)
    order.push(...(claim?.blocks ?? []).map((block) => ('text' in block ? block.text : '')))
  }
  expect(order).toContain('bob')
})

test('a refusal is final, is shown to the sender, and frees the lane', async () => {
  chat.script.push(refused())
  const first = await accept('first', 'lab')
  const second = await accept('second', 'lab')
  expect(await until(first, status('dead'))).toMatchObject({ error: 'Not here' })
  await until(second, status('delivered'))
  expect(chat.attempts).toEqual(['first', 'second'])
})

test('a post that no chat took for the time that the admin allows is dead', async () => {
  chat.script.push(away(), away())
  const id = await accept('x', 'lab')
  await until(id, status('retrying'))
  now += TRY_MS
  worker.wake()
  const { error } = await until(id, status('dead'))
  expect(error).toBe('Given up after 7 days: The chat has a pause')
})

test('a failure of an adapter itself is tried five times, not for a day', async () => {
  chat.script.push(...Array.from({ length: 5 }, () => new TypeError('a bug')))
  const id = await accept('x', 'lab')
  for (let attempt = 1; attempt < 5; attempt += 1) {
    await until(id, (post) => post.status === 'retrying' && chat.attempts.length === attempt)
    now += 60_000
    worker.wake()
  }
  expect(await until(id, status('dead'))).toMatchObject({ error: 'The relay failed: a bug' })
})

test('a target that was not resolved in time joins the lane it resolves to', async () => {
  const id = await accept('late', undefined)
  await until(id, status('delivered'))
  expect(outbox.find(id)).toMatchObject({ lane: 'script:late', post: { destination: '~late' } })
})

test('a post of a service that is configured no more is dead, with the reason', async () => {
  await worker.stop()
  const id = await accept('x', 'lab')
  worker = await replaced(new Map())
  worker.wake()
  const { error } = await until(id, status('dead'))
  expect(error).toContain('not configured for script')
})

test.each([
  ['blocks', '[{"type":"hologram","text":"private words"}]', 'stored blocks.0.type is unknown'],
  ['source', '{ private words', 'stored source cannot be parsed'],
])(
  'a post whose %s cannot be read is dead with the reason, and others go on',
  async (column, text, reason) => {
    chat.script.push(away())
    const broken = await accept('broken', 'lab')
    await until(broken, status('retrying'))
    await db.write(() => db.run(`UPDATE submission SET ${column} = $text`, { $text: text }))
    const [next, other] = [await accept('next', 'lab'), await accept('other', 'town')]
    now += 60_000
    worker.wake()
    const { error } = await until(broken, status('dead'))
    expect(error).toContain(reason)
    expect(error).not.toContain('private')
    await until(next, status('delivered'))
    await until(other, status('delivered'))
    const reader = { name: 'ada', lanes: [] }
    const { places } = outbox.list('ada', { limit: 10 })
    expect(places.map(({ id }) => id)).toEqual([other, next, broken])
    expect(outbox.read(broken, reader)?.blocks).toEqual([{ type: 'notice', text: error }])
  },
)

async function replaced(services: Map<string, ScriptedChat>): Promise<Worker> {
  await worker.stop()
  const log = createLog('silent')
  return new Worker({ outbox, services, log, now: () => now, random: () => 0, tryMs: TRY_MS })
}

test('a lease that ended is taken over, and the late worker records nothing', async () => {
  await worker.stop()
  const id = await accept('x', 'lab')
  const lost = await claimPost(outbox, 1000)
  expect(lost?.id).toBe(id)
  expect(await claimPost(outbox, 1000)).toBeUndefined()
  now += 1001
  const taken = await claimPost(outbox, 1000)
  expect([taken?.id, taken?.attempt]).toEqual([id, 2])
  if (!lost) throw new Error('nothing was claimed')
  await expect(outbox.dead(lost, 'late')).rejects.toThrow(LeaseLost)
  expect(outbox.find(id)?.post.status).toBe('retrying')
})

test('a lease is not taken for an earlier one although the attempts began anew in between', async () => {
  await worker.stop()
  const id = await accept('x', undefined)
  const lost = await claimPost(outbox, 1000)
  now += 1001
  const taken = await claimPost(outbox, 1000)
  if (!lost || !taken) throw new Error('nothing was claimed')
  const destination = await chat.resolve({ kind: 'channel', name: 'lab' })
  await outbox.resolved(taken, destination)
  expect((await claimPost(outbox, 1000))?.attempt).toBe(lost.attempt)
  await expect(outbox.dead(lost, 'late')).rejects.toThrow(LeaseLost)
  expect(outbox.find(id)?.post.status).toBe('queued')
})

test('a checkpoint is there for the next attempt', async () => {
  await worker.stop()
  await accept('x', 'lab')
  const first = await claimPost(outbox, 1000)
  if (!first) throw new Error('nothing was claimed')
  await outbox.leases.step(first, { uploaded: ['f1'] })
  await outbox.retry(first, now, 'again')
  expect((await claimPost(outbox, 1000))?.step).toEqual({ uploaded: ['f1'] })
})

test('a post that waits can be taken back, one that is being delivered cannot', async () => {
  await worker.stop()
  const [first, second] = [await accept('x', 'lab'), await accept('y', 'lab')]
  await claimPost(outbox, 1000)
  expect(await outbox.edits.remove(first)).toBe('stored')
  expect(await outbox.edits.remove(second)).toBe('waiting')
  expect(outbox.find(second)).toBeUndefined()
})

test('finished posts are forgotten after their time, waiting ones are not', async () => {
  const done = await accept('x', 'lab')
  await until(done, status('delivered'))
  chat.script.push(away(3_600_000))
  const waiting = await accept('y', 'lab')
  await until(waiting, status('retrying'))
  await wholly(outbox.keeping.posts(now + 1, ALONE))
  expect(outbox.find(done)).toBeUndefined()
  expect(outbox.find(waiting)).toBeDefined()
})

test('with 10,000 posts waiting in a lane that is held, another lane is served at once', async () => {
  await worker.stop()
  await Promise.all(Array.from({ length: 10_000 }, (_, n) => accept(`${n}`, 'lab')))
  const held = await claimPost(outbox, 60_000)
  if (!held) throw new Error('nothing was claimed')
  await outbox.retry(held, now + 60_000, 'held')
  const other = await accept('other', 'town')
  const claim = async () => expect((await claimPost(outbox, 1000))?.id).toBe(other)
  // 20 ms; without the partial index it is many seconds.
  expect(await computing(claim)).toBeLessThan(2000)
}, 60_000)

test.each([
  sql.COUNTS,
  sql.HEAD_POST,
  sql.LEASED_EDIT,
  sql.FREE_EDIT,
  sql.FREE_EDITS,
  sql.NEXT_LANE,
  sql.WAITED_LANE,
  sql.NEXT_DUE,
  sql.JOB.post,
  sql.JOB.edit,
])('what is asked at every post is looked up, whatever waits: %s', (query) => {
  const names = query.matchAll(/\$(\w+)/g).map(([name]) => name)
  const plan = db.all(
    `EXPLAIN QUERY PLAN ${query}`,
    Object.fromEntries([...names].map((name) => [name, 0])),
  )
  const scans = plan.map((row) => String(row.detail)).filter((step) => step.startsWith('SCAN'))
  const allowed = /^SCAN CONSTANT ROW$/
  expect(scans.filter((step) => !allowed.test(step))).toEqual([])
})

test.each([-3 * 3_600_000, 40 * 3_600_000])(
  'a wall clock that is set by %i ms in between lets no post wait, and none die',
  async (jump) => {
    let elapsed = 0
    const steady = new SqliteOutbox(
      db,
      new Blobs(db),
      () => now,
      () => elapsed,
    )
    outbox = steady
    const log = createLog('silent')
    const services = new Map([['script', chat]])
    const times = { now: () => now, monotonic: () => elapsed }
    const patient = new Worker({
      outbox: steady,
      services,
      log,
      ...times,
      random: () => 0.5,
      tryMs: TRY_MS,
    })
    chat.script.push(new ChatError('away', { status: 0, retryable: true }))
    await accept('one', 'lab')
    await settled(patient)
    expect(chat.attempts).toEqual(['one'])
    now += jump
    elapsed += 1000
    patient.wake()
    await settled(patient)
    expect(chat.delivered).toEqual(['one'])
    await patient.stop()
  },
)

test('what an earlier process had to wait for, or held, is due at once in the next', async () => {
  chat.script.push(new ChatError('away', { status: 0, retryable: true, retryAfterMs: 3_000_000 }))
  await accept('one', 'lab')
  await settled(worker)
  await worker.stop()
  const held = await accept('two', 'other')
  expect((await claimPost(outbox, 90_000))?.id).toBe(held)
  const next = new SqliteOutbox(
    db,
    new Blobs(db),
    () => now,
    () => 0,
  )
  expect((await claimPost(next, 90_000))?.blocks).toEqual([{ type: 'message', text: 'one' }])
  expect((await claimPost(next, 90_000))?.id).toBe(held)
})

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** Resolves when the worker has nothing to do. */
async function settled(of: Worker): Promise<void> {
  of.wake()
  await nextTurn()
  await lookUntil(() => of.idle, 'the worker has nothing to do')
  await nextTurn()
}

test('jobs for free slots are claimed in one commit, because the next one waits for the disk', async () => {
  const commits: number[] = []
  const write = db.write.bind(db)
  // Writes of one turn are one commit.
  let turn: number | undefined
  db.write = (change) => {
    if (turn === undefined) {
      turn = commits.push(0) - 1
      setImmediate(() => (turn = undefined))
    }
    commits[turn] = (commits[turn] ?? 0) + 1
    return write(change)
  }
  await worker.stop()
  const ids = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((text) => accept(text, text)))
  commits.length = 0
  worker = await replaced(new Map([['script', chat]]))
  worker.wake()
  for (const id of ids) await until(id, status('delivered'))
  // One for each slot: six that found a job, two that did not.
  expect(commits[0]).toBe(8)
})
