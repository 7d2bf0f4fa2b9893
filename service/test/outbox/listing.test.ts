// A page of posts is an index look-up, with 100 rows or with a million
// (JUPYTERPOST_LISTED=1000000).
import type { SQLInputValue } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { InboxStore } from '../../chat/inbox-store.ts'
import type { Listing } from '../../outbox/listing.ts'
import { SqliteOutbox } from '../../outbox/store.ts'
import { SCHEMA } from '../../schema.ts'
import { Blobs } from '../../storage/blobs.ts'
import { Database } from '../../storage/database.ts'
import type { Row } from '../../storage/database.ts'

const ROWS = Number(process.env['JUPYTERPOST_LISTED'] ?? 20_000)
const LIMIT = 60_000 + ROWS / 5
const ME = JSON.stringify({ kind: 'me' })
const LAB = JSON.stringify({ kind: 'channel', name: 'lab' })

class AskedDatabase extends Database {
  readonly asked: Array<[sql: string, values: Record<string, SQLInputValue>]> = []

  override all(sql: string, values: Record<string, SQLInputValue> = {}): Row[] {
    this.asked.push([sql, values])
    return super.all(sql, values)
  }
}

const db = new AskedDatabase(':memory:', SCHEMA)
const outbox = new SqliteOutbox(db, new Blobs(db), () => 0)
const inbox = new InboxStore(db, new Blobs(db))

beforeAll(async () => {
  await db.write(() => {
    const rows = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})`
    db.run(`INSERT INTO submission (id, person, groups, blocks, source, accepted, answer)
      VALUES ('s', 'ada', '[]', '[]', '{}', 0, '{}')`)
    db.run(`${rows} INSERT INTO post (id, submission, person, service, typed, target, lane, label, state, attempts, due_at, notices, accepted)
      SELECT printf('%08d', i), 's', iif(i % 2, 'ada', 'bob'), 'inbox', 'x', iif(i % 20 = 1, '${LAB}', '${ME}'), 'inbox:x', 'x',
        CASE WHEN i % 1000 = 3 THEN 'dead' WHEN i % 1000 = 5 THEN 'retry' WHEN i % 10 = 7 THEN 'ready' ELSE 'sent' END, 1, 0, '[]', i
      FROM n`)
    db.run(`${rows} INSERT INTO inbox_message (id, lane, sender, label, blocks, source, thread, accepted)
      SELECT printf('%08d', i), iif(i % 3, '@ada', '~lab'), iif(i % 50, 'bob', 'ada'), 'x', '[]', '{}', 'x',
        strftime('%Y-%m-%dT%H:%M:%fZ', i, 'unixepoch') FROM n`)
  })
}, LIMIT)

afterAll(() => db.close())

const after = { accepted: ROWS / 2, id: '00' }
const listings: Array<[string, Listing]> = [
  ['all', { limit: 200 }],
  ['older ones', { limit: 200, after }],
  ['delivered ones', { limit: 200, after, state: 'delivered' }],
  ['dead ones', { limit: 200, state: 'dead' }],
  ['those tried again', { limit: 200, after, state: 'retrying' }],
  ['waiting ones', { limit: 200, state: 'queued' }],
  ['those to a target', { limit: 200, after, targets: [LAB] }],
  ['dead ones to a target', { limit: 200, state: 'dead', targets: [LAB, ME] }],
  ['those of nobody', { limit: 200, targets: ['none'] }],
]

/** How SQLite does what it was asked since. */
function plans(): string[] {
  const asked = db.asked.splice(0)
  const details = asked.flatMap(([sql, values]) =>
    db.all(`EXPLAIN QUERY PLAN ${sql}`, values).map(({ detail }) => String(detail)),
  )
  db.asked.length = 0
  return details
}

test.each(listings)(
  'listing %s that one sent searches by an index, and sorts nothing',
  (_, listing) => {
    db.asked.length = 0
    const { places } = outbox.list('ada', listing)
    const details = plans()
    expect(details.length).toBeGreaterThan(0)
    for (const detail of details)
      expect(detail).toMatch(
        /^SEARCH post USING INDEX post_(?:delivered|undelivered|target) \(person=\?.*\)$/,
      )
    expect(places.length <= 200).toBe(true)
    expect(places.length === 0).toBe(listing.targets?.[0] === 'none')
  },
)

test.each([
  ['all', 'all', {}],
  ['those of lanes', ['@ada', '~lab'], {}],
  ['those of a sender', ['@ada', '~lab'], { sender: 'ada' }],
  ['all of a sender', 'all', { sender: 'ada' }],
] as const)('listing %s in the inbox searches by an index, and sorts nothing', (_, lanes, who) => {
  db.asked.length = 0
  const at = { accepted: (ROWS / 2) * 1000, id: '' }
  const { places } = inbox.list(lanes, { limit: 200, after: at, ...who })
  for (const detail of plans())
    expect(detail).toMatch(/^SEARCH inbox_message USING (?:COVERING )?INDEX inbox_message_\w+ \(/)
  expect(places.length).toBeGreaterThan(0)
})

test('all pages together have each post that passes the filter once', () => {
  const listing: Listing = { limit: 100, state: 'dead', targets: [LAB, ME] }
  const ids: string[] = []
  for (let place = outbox.list('ada', listing); ;) {
    ids.push(...place.places.map(({ id }) => id))
    if (!place.end) break
    place = outbox.list('ada', { ...listing, after: place.end })
  }
  expect(ids).toHaveLength(ROWS / 1000)
  expect(ids.toSorted().toReversed()).toEqual(ids)
})
