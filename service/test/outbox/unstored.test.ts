// A disk that is full while a post is on its way: the post is not to blame, and goes on soon after
// there is room.
import { afterEach, beforeEach, expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import { createLog } from '../../log.ts'
import { SqliteOutbox } from '../../outbox/store.ts'
import { Worker } from '../../outbox/worker.ts'
import { SCHEMA } from '../../schema.ts'
import { Blobs } from '../../storage/blobs.ts'
import { Database, storageError } from '../../storage/database.ts'
import { isUnstored } from '../../storage/unstored.ts'
import { ScriptedChat } from '../helpers/chat.ts'

let db: Database
let outbox: SqliteOutbox
let chat: ScriptedChat
let worker: Worker

beforeEach(() => {
  db = new Database(':memory:', SCHEMA)
  outbox = new SqliteOutbox(db, new Blobs(db), () => 1_000_000)
  chat = new ScriptedChat()
  worker = new Worker({
    outbox,
    services: new Map([['script', chat]]),
    log: createLog('silent'),
    now: () => 1_000_000,
    random: () => 0,
    tryMs: 1e9,
  })
})

afterEach(async () => {
  await worker.stop()
  db.close()
})

/** What SQLite says: 13 is a full disk, 19 a row that a table does not take. */
const failed = (errcode: number) =>
  storageError('x.sqlite', Object.assign(new Error('said by SQLite'), { errcode }))

async function accept(): Promise<string> {
  const destination = { lane: 'lab', label: '~lab', address: {}, notices: [] }
  const { answer } = await outbox.accept({
    person: { name: 'ada', groups: [] },
    idempotency: undefined,
    blocks: [{ type: 'message', text: 'x' }],
    files: [],
    source: {},
    thread: undefined,
    goals: [
      {
        typed: 'lab',
        service: 'script',
        target: { kind: 'channel', name: 'lab' },
        destination,
        addressOf: () => undefined,
        label: '~lab',
      },
    ],
  })
  return answer.posts[0]?.id ?? ''
}

const isDelivered = (id: string) => outbox.find(id)?.post.status === 'delivered'

test('a delivery that could not be recorded holds its lane until there is room, not until its lease ends', async () => {
  const id = await accept()
  const write = db.write.bind(db)
  let left = 3
  chat.deliver = async (delivery, ...more) => {
    db.write = async (change) => {
      if (left === 0) return write(change)
      left -= 1
      throw failed(13)
    }
    return ScriptedChat.prototype.deliver.call(chat, delivery, ...more)
  }
  await until(() => isDelivered(id), 'it is delivered')
  expect(left).toBe(0)
  expect(chat.delivered).toEqual(['x', 'x'])
})

test('a post is not given up because the disk was full each time', async () => {
  const delivered = outbox.delivered.bind(outbox)
  let left = 6
  outbox.delivered = async (...result) => {
    if (left === 0) return delivered(...result)
    left -= 1
    throw failed(13)
  }
  const id = await accept()
  await until(() => isDelivered(id), 'it is delivered')
  expect(chat.attempts).toHaveLength(7)
})

test('what a table does not take is no full disk', () => {
  expect(isUnstored(failed(13))).toBe(true)
  // IOERR_WRITE: the lower bits say IOERR.
  expect(isUnstored(failed(778))).toBe(true)
  expect(isUnstored(failed(19))).toBe(false)
  expect(isUnstored(storageError('x.sqlite', new TypeError('a bug')))).toBe(false)
})
