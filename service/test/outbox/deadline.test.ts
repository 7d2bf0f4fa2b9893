import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'

import { createLog } from '../../log.ts'
import { deadlineOf } from '../../outbox/deadline.ts'
import { SqliteOutbox } from '../../outbox/store.ts'
import { Worker } from '../../outbox/worker.ts'
import { SCHEMA } from '../../schema.ts'
import { Blobs } from '../../storage/blobs.ts'
import { Database } from '../../storage/database.ts'
import { until } from '../../../test/helpers/until.ts'
import { ScriptedChat } from '../helpers/chat.ts'

const MINUTE = 60_000
const stop = new AbortController()

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] })
})
afterEach(() => {
  jest.useRealTimers()
})

test('a job whose time is up is aborted, and so is one whose relay ends', () => {
  const ended = new AbortController()
  using one = deadlineOf(MINUTE, ended.signal)
  using other = deadlineOf(2 * MINUTE, ended.signal)
  jest.advanceTimersByTime(MINUTE)
  expect([one.signal.aborted, other.signal.aborted]).toEqual([true, false])
  expect(one.signal.reason).toMatchObject({ name: 'TimeoutError' })
  ended.abort()
  expect(other.signal.aborted).toBe(true)
  using late = deadlineOf(MINUTE, ended.signal)
  expect(late.signal.aborted).toBe(true)
})

test('nothing stays of a job that is over', () => {
  for (let n = 0; n < 100; n += 1) {
    using _over = deadlineOf(MINUTE, stop.signal)
  }
  expect(jest.getTimerCount()).toBe(0)
  expect(getEventListeners(stop.signal, 'abort')).toEqual([])
})

test('a hundred deliveries leave no timers behind', async () => {
  jest.useRealTimers()
  const timeouts = jest.spyOn(AbortSignal, 'timeout')
  const db = new Database(':memory:', SCHEMA)
  const outbox = new SqliteOutbox(db, new Blobs(db), () => 1_000_000)
  const chat = new ScriptedChat()
  const worker = new Worker({
    outbox,
    services: new Map([['script', chat]]),
    log: createLog('silent'),
    now: () => 1_000_000,
    random: () => 0,
    tryMs: 1e9,
  })
  const destination = { lane: 'lab', label: '~lab', address: {}, notices: [] }
  const goal = {
    typed: 'lab',
    service: 'script',
    target: { kind: 'channel' as const, name: 'lab' },
    destination,
    addressOf: () => undefined,
    label: '~lab',
  }
  await outbox.accept({
    person: { name: 'ada', groups: [] },
    idempotency: undefined,
    blocks: [{ type: 'message', text: 'x' }],
    files: [],
    source: {},
    thread: undefined,
    goals: Array.from({ length: 100 }, () => goal),
  })
  await until(() => chat.delivered.length === 100, 'all are delivered')
  await worker.stop(AbortSignal.abort())
  db.close()
  expect(timeouts).not.toHaveBeenCalled()
  timeouts.mockRestore()
})
