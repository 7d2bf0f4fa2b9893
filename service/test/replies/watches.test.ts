// The lease on a running cell: who may renew it, when contact counts as lost, and that each loss is
// told once, whatever restarts meanwhile.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'

import type { WatchManifest } from '../../../post/contract/watch.ts'
import { WatchBench, ADA, BOB } from '../helpers/watches.ts'

const MINUTE = 60_000

let bench: WatchBench
beforeEach(async () => {
  bench = new WatchBench()
  await bench.open()
})
afterEach(() => bench.close())

function manifest(change: Partial<WatchManifest> = {}): WatchManifest {
  const source = { notebook: 'train.ipynb', executionCount: 12 }
  return { targets: ['lab'], source, runningMs: 0, posts: [], ...change }
}

test('nothing is said about a kernel that renews its lease', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  for (let n = 0; n < 30; n += 1) {
    await bench.pass(25_000)
    await bench.watches.renew(id, ADA, 0)
  }
  expect(await bench.told()).toEqual([])
})

test('without renewal for three minutes contact is lost, which is said once, with cell, notebook and time', async () => {
  const started = { runningMs: 3 * 60 * MINUTE + 4 * MINUTE, thread: 'run 7' }
  await bench.watches.put(randomUUID(), ADA, manifest(started))
  await bench.pass(3 * MINUTE - 15_000)
  expect(await bench.told()).toEqual([])
  await bench.pass(15_000)
  const [post, ...others] = await bench.toldPosts()
  expect(post?.text).toBe(
    'Lost contact during cell 12 after 3 h 4 min. Its kernel has not been heard from for 3 min: its machine or server may be gone, or the network between',
  )
  expect(post?.claim).toMatchObject({
    person: ADA,
    source: { notebook: 'train.ipynb', executionCount: 12 },
    destination: { label: '~lab' },
  })
  expect(others).toEqual([])
  await bench.pass(60 * MINUTE)
  expect(await bench.told()).toEqual([])
})

test('a program without cells is called a program', async () => {
  await bench.watches.put(randomUUID(), ADA, manifest({ source: {} }))
  await bench.pass(3 * MINUTE)
  expect(await bench.told()).toEqual([
    'Lost contact during a program. It has not been heard from for 3 min: its machine or server may be gone, or the network between',
  ])
})

test('after a later renewal the chat learns that contact is back, and of the next loss too', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  await bench.pass(4 * MINUTE)
  expect(await bench.told()).toHaveLength(1)
  await bench.watches.renew(id, ADA, 0)
  expect(await bench.told()).toEqual(['Back in contact: cell 12 still runs after 4 min'])
  await bench.pass(4 * MINUTE)
  expect(await bench.told()).toEqual([expect.stringContaining('Lost contact')])
  await bench.watches.put(id, ADA, manifest({ runningMs: 8 * MINUTE }))
  expect(await bench.told()).toEqual(['Back in contact: cell 12 still runs after 8 min'])
})

test('all that is said of one cell is in one thread', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  await bench.pass(4 * MINUTE)
  await bench.watches.renew(id, ADA, 0)
  const [lost, back] = await bench.toldPosts()
  expect(back?.claim.thread).toBe(lost?.claim.id)
})

test('if a cell ended while contact was lost, the chat learns of its end', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  await bench.pass(4 * MINUTE)
  await bench.told()
  await bench.watches.end(id, ADA)
  expect(await bench.told()).toEqual(['Back in contact: cell 12 has ended'])
  await bench.watches.end(id, ADA)
  expect(await bench.told()).toEqual([])
})

test('a watch that was ended is over: nothing is said, and it cannot be renewed', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  await bench.watches.end(id, ADA)
  await bench.pass(10 * MINUTE)
  expect(await bench.told()).toEqual([])
  const over = { code: 'unknown_watch' }
  await expect(bench.watches.renew(id, ADA, 0)).rejects.toMatchObject(over)
  await expect(bench.watches.put(id, ADA, manifest())).rejects.toMatchObject(over)
})

test("another person's watch is unknown", async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  const unknown = { code: 'unknown_watch' }
  await expect(bench.watches.put(id, BOB, manifest())).rejects.toMatchObject(unknown)
  await expect(bench.watches.renew(id, BOB, 0)).rejects.toMatchObject(unknown)
  await expect(bench.watches.end(id, BOB)).rejects.toMatchObject(unknown)
  await expect(bench.watches.renew(randomUUID(), ADA, 0)).rejects.toMatchObject(unknown)
})

test('a target that a post may not go to is refused at once', async () => {
  const put = bench.watches.put(randomUUID(), ADA, manifest({ targets: ['secret'] }))
  await expect(put).rejects.toMatchObject({ code: 'unknown_target' })
})

test('one person watches a hundred cells at once and no more', async () => {
  for (let n = 0; n < 100; n += 1) await bench.watches.put(randomUUID(), ADA, manifest())
  const one = bench.watches.put(randomUUID(), ADA, manifest())
  await expect(one).rejects.toMatchObject({ code: 'too_many' })
  await bench.watches.put(randomUUID(), BOB, manifest())
})

test('cells that are watched at the same time are no more than a hundred', async () => {
  const puts = await Promise.allSettled(
    Array.from({ length: 120 }, () => bench.watches.put(randomUUID(), ADA, manifest())),
  )
  expect(puts.filter(({ status }) => status === 'fulfilled')).toHaveLength(100)
})

test('what a person has the relay tell counts as their posts: what is too much waits', async () => {
  const targets = ['@bob', '@bob', '@bob']
  for (let n = 0; n < 30; n += 1) await bench.watches.put(randomUUID(), ADA, manifest({ targets }))
  await bench.watches.put(randomUUID(), BOB, manifest())
  await bench.pass(10 * MINUTE)
  // 50 direct messages a day; and nobody else has to wait.
  const told = await bench.toldPosts()
  expect(told.filter(({ claim }) => claim.person.name === 'ada')).toHaveLength(16 * 3)
  expect(told.filter(({ claim }) => claim.person.name === 'bob')).toHaveLength(1)
})

test('a cell that ends when its lease does ends', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  await bench.pass(3 * MINUTE - 15_000)
  bench.clock.ms += 15_000
  await Promise.all([bench.watches.look(), bench.watches.end(id, ADA)])
  await bench.told()
  await expect(bench.watches.renew(id, ADA, 0)).rejects.toMatchObject({ code: 'unknown_watch' })
})

test('a watch that another version of the relay wrote does not keep the loss of others from being said', async () => {
  const unreadable = randomUUID()
  await bench.watches.put(unreadable, ADA, manifest())
  await bench.watches.put(randomUUID(), BOB, manifest())
  const change = `UPDATE watch SET source = '{"executionCount": "twelve"}' WHERE id = $id`
  await bench.db.write(() => bench.db.run(change, { $id: unreadable }))
  await bench.pass(3 * MINUTE)
  expect(await bench.told()).toHaveLength(1)
  await bench.pass(25 * 60 * MINUTE)
  expect(bench.watches.isNeeded).toBe(false)
})

test('no loss is said until the relay could store that its kernels have more time', async () => {
  await bench.watches.put(randomUUID(), ADA, manifest())
  bench.db.define(
    `CREATE TRIGGER full BEFORE UPDATE ON watch BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
  )
  await bench.jump(60 * MINUTE)
  bench.db.define('DROP TRIGGER full')
  await bench.pass(MINUTE)
  expect(await bench.told()).toEqual([])
})

test('a relay starts although it cannot store that its kernels have more time', async () => {
  await bench.watches.put(randomUUID(), ADA, manifest())
  bench.clock.ms += 60 * MINUTE
  bench.db.define(
    `CREATE TRIGGER full BEFORE UPDATE ON watch BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
  )
  await bench.restart()
  bench.db.define('DROP TRIGGER full')
  await bench.pass(MINUTE)
  expect(await bench.told()).toEqual([])
  await bench.pass(3 * MINUTE)
  expect(await bench.told()).toHaveLength(1)
})

test('a kernel cannot mark posts of others as watched', async () => {
  const post = await bench.post(BOB, 'lab')
  const before = bench.outbox.cursor()
  await bench.watches.put(randomUUID(), ADA, manifest({ posts: [post] }))
  expect(bench.outbox.cursor()).toBe(before)
})

test('after the machine slept every kernel has three more minutes', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  await bench.jump(8 * 60 * MINUTE)
  expect(await bench.told()).toEqual([])
  await bench.pass(2 * MINUTE)
  await bench.watches.renew(id, ADA, 0)
  await bench.pass(2 * MINUTE)
  expect(await bench.told()).toEqual([])
  await bench.pass(2 * MINUTE)
  expect(await bench.told()).toHaveLength(1)
})

test('a clock that is set back delays no alarm by more than a lease', async () => {
  await bench.watches.put(randomUUID(), ADA, manifest())
  await bench.jump(-24 * 60 * MINUTE)
  await bench.pass(3 * MINUTE)
  expect(await bench.told()).toEqual([expect.stringContaining('Lost contact')])
})

test('a look that comes a little late is no sleep', async () => {
  await bench.watches.put(randomUUID(), ADA, manifest())
  for (let n = 0; n < 4; n += 1) await bench.jump(50_000)
  expect(await bench.told()).toHaveLength(1)
})

test('a restart of the relay forgets no watch and gives it three more minutes', async () => {
  await bench.watches.put(randomUUID(), ADA, manifest())
  await bench.pass(2 * MINUTE)
  bench.clock.ms += 10 * MINUTE
  await bench.restart()
  await bench.pass(3 * MINUTE - 15_000)
  expect(await bench.told()).toEqual([])
  await bench.pass(15_000)
  expect(await bench.told()).toEqual([expect.stringContaining('Lost contact')])
})

test('a loss that was said is not said again by the next relay, which says when contact is back', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  await bench.pass(3 * MINUTE)
  await bench.restart()
  await bench.pass(10 * MINUTE)
  expect(await bench.told()).toEqual([expect.stringContaining('Lost contact')])
  await bench.watches.renew(id, ADA, 0)
  expect(await bench.told()).toEqual([expect.stringContaining('Back in contact')])
})

test('a kernel that is not back in a day is forgotten', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  await bench.pass(25 * 60 * MINUTE)
  await expect(bench.watches.renew(id, ADA, 0)).rejects.toMatchObject({ code: 'unknown_watch' })
  expect(await bench.told()).toHaveLength(1)
})

test('two looks at once tell a loss once', async () => {
  await bench.watches.put(randomUUID(), ADA, manifest())
  for (let n = 0; n < 11; n += 1) await bench.jump(15_000)
  bench.clock.ms += 15_000
  await Promise.all([bench.watches.look(), bench.watches.look()])
  expect(await bench.told()).toHaveLength(1)
})

test('a renewal that comes with the look that finds the lease over is no loss', async () => {
  const id = randomUUID()
  await bench.watches.put(id, ADA, manifest())
  await bench.pass(3 * MINUTE - 15_000)
  bench.clock.ms += 15_000
  await Promise.all([bench.watches.renew(id, ADA, 0), bench.watches.look()])
  expect(await bench.told()).toEqual([])
})

test('a kernel counts on the relay until its cell has ended', async () => {
  const id = randomUUID()
  expect(bench.watches.isNeeded).toBe(false)
  await bench.watches.put(id, ADA, manifest())
  expect(bench.watches.isNeeded).toBe(true)
  await bench.watches.end(id, ADA)
  expect(bench.watches.isNeeded).toBe(false)
})
