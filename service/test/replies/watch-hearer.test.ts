// What is said to a running cell in the chat: two words, by the person who posted, in the thread of
// a recent post to which its cell listens.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'

import type { Reply } from '../../chat/chat.ts'
import { ADA, BOB, WatchBench } from '../helpers/watches.ts'

const HOUR = 60 * 60_000

let bench: WatchBench
let id: string
let post: string
beforeEach(async () => {
  bench = new WatchBench()
  await bench.open()
  id = randomUUID()
  post = await bench.post(ADA, 'lab', 'run 7')
  await watch(id, [post])
})
afterEach(() => bench.close())

async function watch(watched: string, posts: string[], person = ADA): Promise<void> {
  const source = { notebook: 'train.ipynb', executionCount: 12 }
  const manifest = { targets: ['lab'], source, runningMs: 0, posts }
  await bench.watches.put(watched, person, manifest)
}

function say(text: string, change: Partial<Reply> = {}): Promise<boolean> {
  return bench.watches.hearer.heard('script', {
    id: randomUUID(),
    lane: 'lab',
    thread: post,
    direct: false,
    account: 'id-of-ada',
    text,
    at: bench.clock.ms,
    ...change,
  })
}

const commands = (of = id, person = ADA) => bench.watches.state(of, person, 0).commands

test.each(['stop', 'status', ' STOP\n', 'Status'])('%j becomes a command', async (text) => {
  let told = 0
  bench.watches.onChange(() => (told += 1))
  expect(await say(text)).toBe(true)
  expect(commands()).toEqual([{ seq: 1, command: text.trim().toLowerCase(), post }])
  expect(told).toBe(1)
})

test.each([
  'stop it',
  'please stop',
  'stop.',
  'stop\nstatus',
  '`stop`',
  '',
  'restart',
  'kill',
  '__proto__',
])('%j is no command', async (text) => {
  expect(await say(text)).toBe(false)
  expect(commands()).toEqual([])
})

test.each<[string, Partial<Reply>]>([
  ['by another account', { account: 'id-of-bob' }],
  ['by an account that is named as the person', { account: 'ada' }],
  ['in another thread', { thread: 'elsewhere' }],
  ['beside all threads', { thread: undefined, direct: true }],
  ['in another channel', { lane: 'runs' }],
])('a word %s is no command', async (_, change) => {
  expect(await say('stop', change)).toBe(false)
  expect(commands()).toEqual([])
})

test('a word of another service is no command', async () => {
  const reply = { id: '1', lane: 'lab', thread: post, direct: false, text: 'stop' }
  const said = { ...reply, account: 'id-of-ada', at: bench.clock.ms }
  expect(await bench.watches.hearer.heard('inbox', said)).toBe(false)
})

test("another person's post is not heard, although a watch lists it", async () => {
  const other = await bench.post(BOB, 'lab')
  await watch(id, [post, other])
  expect(await say('stop', { thread: other, account: 'id-of-bob' })).toBe(false)
  expect(await say('stop', { thread: other })).toBe(false)
  expect(commands()).toEqual([])
})

test('a post of a day ago is not heard any more', async () => {
  for (let n = 0; n < 24; n += 1) {
    await bench.pass(HOUR - 60_000)
    await bench.watches.renew(id, ADA, 0)
    await bench.pass(60_000)
    await bench.watches.renew(id, ADA, 0)
    await bench.told()
  }
  expect(bench.watches.isWatched(post)).toBe(false)
  expect(await say('stop')).toBe(false)
  expect(commands()).toEqual([])
})

test('a word that is said again before the kernel has it is one command', async () => {
  for (let n = 0; n < 50; n += 1) await say('status')
  await say('stop')
  expect(commands().map(({ command }) => command)).toEqual(['status', 'stop'])
  await bench.watches.renew(id, ADA, 2)
  await say('status')
  expect(commands()).toEqual([{ seq: 3, command: 'status', post }])
})

test('a message that is heard twice, also by the next relay, is one command', async () => {
  await say('stop', { id: 'm1' })
  expect(commands()).toHaveLength(1)
  await bench.watches.renew(id, ADA, 1)
  await say('stop', { id: 'm1' })
  await bench.restart()
  expect(await say('stop', { id: 'm1' })).toBe(true)
  expect(commands()).toEqual([])
  await say('stop', { id: 'm2' })
  expect(commands().map(({ seq }) => seq)).toEqual([2])
})

test('commands are kept by a restart and forgotten when the kernel has them', async () => {
  await say('status')
  await bench.restart()
  expect(commands()).toHaveLength(1)
  await bench.watches.renew(id, ADA, 1)
  expect(commands()).toEqual([])
  await say('stop')
  expect(commands()).toEqual([{ seq: 2, command: 'stop', post }])
})

test('two kernels hear each its own', async () => {
  const other = await bench.post(ADA, 'lab')
  const second = randomUUID()
  await watch(second, [other])
  await say('stop', { thread: other })
  expect(commands(second)).toHaveLength(1)
  expect(commands()).toEqual([])
})

test('of several posts in one thread the newest is where it is answered, and the command is one', async () => {
  const newer = await bench.post(ADA, 'lab', 'run 7')
  await watch(id, [post, newer])
  await say('status')
  expect(commands()).toEqual([{ seq: 1, command: 'status', post: newer }])
})

test('a command in the thread of "lost contact" is heard too and kept, and a reply says so', async () => {
  const silent = randomUUID()
  await watch(silent, [])
  await bench.pass(3 * 60_000)
  const lost = (await bench.toldPosts()).map(({ claim }) => claim.id)
  for (const thread of lost) await say('stop', { thread })
  expect(commands(silent)).toEqual([{ seq: 1, command: 'stop' }])
  expect(await bench.told()).toContain(
    'There is no contact with that cell now: it will be told when contact is back',
  )
  await bench.watches.renew(silent, ADA, 0)
  expect(commands(silent)).toHaveLength(1)
})

test('what is said to a cell that has ended is answered in the thread, once a minute', async () => {
  await bench.watches.end(id, ADA)
  expect(await say('stop')).toBe(true)
  const [answer] = await bench.toldPosts()
  expect(answer).toMatchObject({ text: 'That cell has ended', claim: { thread: post } })
  await say('status')
  await bench.pass(45_000)
  await say('status')
  expect(await bench.told()).toEqual([])
  await bench.pass(15_000)
  await say('stop')
  expect(await bench.told()).toEqual(['That cell has ended'])
  expect(await say('hello')).toBe(false)
})

test('a word that was said before the cell started is not meant for it', async () => {
  await bench.watches.end(id, ADA)
  await bench.pass(10 * 60_000)
  const next = randomUUID()
  await watch(next, [post])
  await say('stop', { at: bench.clock.ms - 5 * 60_000 })
  expect(commands(next)).toEqual([])
})

test('readers see which posts are listened to', async () => {
  expect(bench.watches.isWatched(post)).toBe(true)
  expect(bench.watches.isWatched(randomUUID())).toBe(false)
  const before = bench.outbox.cursor()
  await bench.watches.end(id, ADA)
  expect(bench.watches.isWatched(post)).toBe(false)
  const { changes } = bench.outbox.changes(before, { name: 'ada', lanes: [] }, 10)
  expect(changes).toMatchObject([{ id: post }])
})

test('what was said while no relay listened is asked of the threads of running cells alone', async () => {
  const ended = randomUUID()
  await watch(ended, [await bench.post(ADA, 'lab')])
  await bench.watches.end(ended, ADA)
  expect(bench.watches.hearer.conversations('inbox')).toEqual([])
  expect(bench.watches.hearer.conversations('script')).toMatchObject([
    { destination: { lane: 'lab' }, delivered: { thread: post }, after: bench.clock.ms },
  ])
})
