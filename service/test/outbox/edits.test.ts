// Changes of posts: durable, coalesced, in their lane, not too often, and always the last one.
import { afterEach, beforeEach, expect, test } from '@jest/globals'

import { within } from '../../../test/helpers/until.ts'
import { ChatError } from '../../errors.ts'
import { createLog } from '../../log.ts'
import { SqliteOutbox } from '../../outbox/store.ts'
import { claimEdit, claimPost } from '../helpers/claims.ts'
import { Worker } from '../../outbox/worker.ts'
import { Blobs } from '../../storage/blobs.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import { ScriptedChat } from '../helpers/chat.ts'

const away = () => new ChatError('The chat has a pause', { status: 500, retryable: true })
const refused = () => new ChatError('Not here', { status: 400, retryable: false })

let db: Database
let outbox: SqliteOutbox
let chat: ScriptedChat
let worker: Worker
let now: number

beforeEach(() => {
  now = 1_000_000
  db = new Database(':memory:', SCHEMA)
  chat = new ScriptedChat()
  chat.gapMs = 5000
  open()
})

afterEach(async () => {
  await worker.stop()
  db.close()
})

/** Also what a relay does when it comes back after a kill: leases end. */
function open(): void {
  outbox = new SqliteOutbox(db, new Blobs(db), () => now)
  const services = new Map([['script', chat]])
  worker = new Worker({
    outbox,
    services,
    log: createLog('silent'),
    now: () => now,
    random: () => 0.5,
    tryMs: 7 * 24 * 60 * 60_000,
  })
}

async function accept(text: string, lane = 'lab'): Promise<string> {
  const { answer } = await outbox.accept({
    person: { name: 'ada', groups: [] },
    idempotency: undefined,
    blocks: [{ type: 'message', text }],
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

const change = (id: string, text: string, key?: string) =>
  outbox.edits.change(
    id,
    { blocks: [{ type: 'message', text }], files: [], source: undefined },
    {
      gapMs: chat.gapMs,
      idempotency: key === undefined ? undefined : { person: 'ada', key, hash: text },
    },
  )

async function until(is: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = () => is() && resolve()
  const unsubscribe = outbox.onChange(look)
  look()
  const saw = () => ({ delivered: chat.delivered, counts: outbox.counts() })
  await within(promise, String(is), { saw }).finally(unsubscribe)
}

const shown = (...texts: string[]) => until(() => chat.delivered.join() === texts.join())
const settled = () => until(() => outbox.counts().waiting === 0)

async function delivered(text: string, lane?: string): Promise<string> {
  const id = await accept(text, lane)
  await until(() => outbox.find(id)?.post.status === 'delivered')
  return id
}

test('a post that waits is delivered in its newest state alone', async () => {
  chat.script.push(away())
  const held = await accept('held')
  await until(() => outbox.find(held)?.post.status === 'retrying')
  const id = await accept('first')
  expect(await change(id, 'second')).toBe('waiting')
  now += 10_000
  worker.wake()
  await shown('held', 'second')
})

test('of changes that come quickly the first and the last are written, with the gap between them', async () => {
  const id = await delivered('start')
  for (const n of [1, 2, 3, 4]) await change(id, `state ${n}`)
  await until(() => chat.delivered.length > 1)
  const first = chat.delivered[1]
  if (first !== 'edit: state 4') {
    now += 4999
    worker.wake()
    await delivered('other', 'town')
    expect(chat.delivered).toHaveLength(3)
    now += 1
    worker.wake()
  }
  await settled()
  expect(chat.delivered.at(-1)).toBe('edit: state 4')
  expect(chat.delivered.length).toBeLessThanOrEqual(4)
})

test('a change that waits for its gap holds no later post of its lane', async () => {
  const id = await delivered('start')
  await change(id, 'one')
  await shown('start', 'edit: one')
  await settled()
  await change(id, 'two')
  await delivered('later')
  expect(chat.delivered).toEqual(['start', 'edit: one', 'later'])
  now += 5000
  worker.wake()
  await shown('start', 'edit: one', 'later', 'edit: two')
})

test('a change comes after the posts of its lane that were accepted before it', async () => {
  const id = await delivered('start')
  chat.script.push(away())
  const second = await accept('second')
  await until(() => outbox.find(second)?.post.status === 'retrying')
  await change(id, 'changed')
  await delivered('town', 'town')
  expect(chat.delivered).toEqual(['start', 'town'])
  now += 10_000
  worker.wake()
  await shown('start', 'town', 'second', 'edit: changed')
})

test('a change is tried again, keeps its newest state, and says meanwhile that it is late', async () => {
  const id = await delivered('start')
  chat.script.push(away())
  await change(id, 'one')
  await until(() => outbox.find(id)?.post.error !== undefined)
  expect(outbox.find(id)?.post).toMatchObject({
    status: 'delivered',
    error: 'Its last change could not be made yet: The chat has a pause',
  })
  await change(id, 'two')
  now += 10_000
  worker.wake()
  await shown('start', 'edit: two')
  await settled()
  expect(outbox.find(id)?.post.error).toBeUndefined()
})

test('a refused change leaves the post, and a later one is tried', async () => {
  const id = await delivered('start')
  chat.script.push(refused())
  await change(id, 'one')
  await settled()
  expect(outbox.find(id)?.post.error).toContain('Its last change was refused: Not here')
  await change(id, 'two')
  await shown('start', 'edit: two')
})

test('a relay that was killed while it wrote a change writes the newest one when it is back', async () => {
  const id = await delivered('start')
  await worker.stop()
  await change(id, 'one')
  const lost = await claimEdit(outbox, 90_000)
  await change(id, 'two')
  open()
  worker.wake()
  await shown('start', 'edit: two')
  await settled()
  if (!lost) throw new Error('nothing was claimed')
  const late = { messages: [], url: undefined, thread: '', leftOut: [] }
  await expect(outbox.edits.written(lost, late, 0)).rejects.toThrow('taken over')
})

test('a state that came while an earlier one was written is written after its gap', async () => {
  const id = await delivered('start')
  await worker.stop()
  await change(id, 'one')
  const claim = await claimEdit(outbox, 90_000)
  if (!claim) throw new Error('nothing was claimed')
  await change(id, 'two')
  await outbox.edits.written(claim, claim.delivered, 5000)
  expect(await claimEdit(outbox, 1)).toBeUndefined()
  expect(outbox.nextDue()).toBe(now + 5000)
  now += 5000
  const next = await claimEdit(outbox, 1)
  expect(next?.content?.blocks).toEqual([{ type: 'message', text: 'two' }])
})

test('a delivery that has begun goes on with what it began with, then it is changed', async () => {
  await worker.stop()
  const id = await accept('start')
  const claim = await claimPost(outbox, 1000)
  if (!claim) throw new Error('nothing was claimed')
  await outbox.leases.step(claim, { sent: 1 })
  await outbox.retry(claim, now, 'again')
  expect(await change(id, 'changed')).toBe('stored')
  expect((await claimPost(outbox, 1000))?.blocks).toEqual([{ type: 'message', text: 'start' }])
})

test('a repeated key changes nothing, with another content it is refused', async () => {
  const id = await delivered('start')
  expect(await change(id, 'one', 'k1')).toBe('stored')
  expect(await change(id, 'two', 'k2')).toBe('stored')
  expect(await change(id, 'one', 'k1')).toBe('repeated')
  await expect(change(id, 'three', 'k1')).rejects.toMatchObject({ code: 'idempotency_conflict' })
  now += 60_000
  worker.wake()
  await settled()
  expect(chat.delivered.at(-1)).toBe('edit: two')
})

test('a delivered post is removed at its service, then it is gone; nothing changes it any more', async () => {
  const id = await delivered('start')
  await worker.stop()
  expect(await outbox.edits.remove(id)).toBe('stored')
  expect(await change(id, 'late')).toBe('final')
  open()
  worker.wake()
  await until(() => outbox.find(id) === undefined)
  expect(chat.removed).toEqual([id])
})

test('a late worker records nothing of a change that was taken over', async () => {
  const id = await delivered('start')
  await worker.stop()
  await change(id, 'changed')
  const lost = await claimEdit(outbox, 1000)
  now += 1001
  const taken = await claimEdit(outbox, 1000)
  if (!lost || !taken) throw new Error('nothing was claimed')
  const late = { ...lost.delivered, url: 'https://late.example' }
  await expect(outbox.edits.written(lost, late, 0)).rejects.toThrow('taken over')
  await expect(outbox.edits.removed(lost)).rejects.toThrow('taken over')
  expect(outbox.find(id)?.post.url).not.toBe('https://late.example')
  await outbox.edits.written(taken, taken.delivered, 0)
  expect(outbox.counts()).toMatchObject({ waiting: 0, dead: 0 })
})

test('a post that dies takes its changes with it', async () => {
  await worker.stop()
  const id = await accept('start')
  const claim = await claimPost(outbox, 1000)
  if (!claim) throw new Error('nothing was claimed')
  await change(id, 'changed')
  await outbox.dead(claim, 'no')
  expect(outbox.counts()).toMatchObject({ waiting: 0, dead: 1 })
  expect(await change(id, 'again')).toBe('final')
})

test('a change that cannot be read is refused with the reason, and what waits behind it goes on', async () => {
  const [broken, other] = [await delivered('start', 'lab'), await delivered('other', 'town')]
  await worker.stop()
  await change(broken, 'next')
  await change(other, 'later')
  await db.write(() =>
    db.run(`UPDATE content SET blocks = '{' WHERE owner = $owner`, { $owner: `edit:${broken}` }),
  )
  open()
  worker.wake()
  await settled()
  expect(chat.delivered).toEqual(['start', 'other', 'edit: later'])
  expect(outbox.find(broken)?.post).toMatchObject({
    status: 'delivered',
    error: 'Its last change was refused: Its stored blocks cannot be parsed as JSON',
  })
})
