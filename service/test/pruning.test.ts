// Deleting what is old in a file with many rows: each commit is short, whatever there is to delete
// and whatever stays. `JUPYTERPOST_ROWS=1000000 npm run jest -- service/test/pruning.test.ts` tries
// it with a million.
import { expect, test } from '@jest/globals'
import { InboxKeeping } from '../chat/inbox-keeping.ts'
import { InboxStore } from '../chat/inbox-store.ts'
import { ShownStore } from '../convert/shown-store.ts'
import { SCHEMA } from '../schema.ts'
import { SqliteOutbox } from '../outbox/store.ts'
import { QuestionStore } from '../replies/question-store.ts'
import type { Batch } from '../storage/batches.ts'
import { Blobs } from '../storage/blobs.ts'
import { Database } from '../storage/database.ts'
import { ALONE } from './helpers/batches.ts'
import { temporaryFolder } from './helpers/relay.ts'

const ROWS = Number(process.env['JUPYTERPOST_ROWS'] ?? 20_000)
const DAY = 24 * 60 * 60_000
/** Of processor time, so that other work on this machine does not count. Alone it takes 6. */
const MOST_MS = 60

/** One post a minute, delivered at once, the last of them now. */
function fill(db: Database): { now: number; last: string } {
  const now = ROWS * 60_000
  const rows = `WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < ${ROWS})`
  const id = `printf('%032x', n)`
  const at = 'n * 60000'
  const iso = `strftime('%Y-%m-%dT%H:%M:%fZ', n * 60, 'unixepoch')`
  const text = `'[{"type":"message","text":"' || hex(zeroblob(100)) || '"}]'`
  const who = `'person' || (n % 50)`
  db.begin(() => {
    db.run(`INSERT INTO submission SELECT ${id}, p, '[]', NULL, NULL, t, '{}', NULL, at, '' FROM
      (${rows} SELECT n, ${who} AS p, ${text} AS t, ${at} AS at FROM row)`)
    db.run(`INSERT INTO post (id, submission, person, service, typed, target, lane, label, destination, state, due_at,
      notices, settled) SELECT ${id}, ${id}, ${who}, 'inbox', '@me', '{}', 'inbox:@ada', '@me', NULL, 'sent', 0, '[]', ${at}
      FROM (${rows} SELECT n FROM row)`)
    db.run(`INSERT INTO event (post, at, kind, detail, person, lane)
      SELECT ${id}, ${at}, 'delivered', '', ${who}, 'inbox:@ada' FROM (${rows} SELECT n FROM row)`)
    db.run(`INSERT INTO shown SELECT ${id}, '', ${text}, '[]' FROM (${rows} SELECT n FROM row)`)
    db.run(`INSERT INTO inbox_message (id, lane, sender, label, blocks, source, thread, accepted, size)
      SELECT ${id}, '@ada', ${who}, '@me', ${text}, '{}', ${id}, ${iso}, NULL FROM (${rows} SELECT n FROM row)`)
    db.run(`INSERT INTO edit_key SELECT 'ada', ${id}, '', ${at} FROM (${rows} SELECT n FROM row)`)
  })
  return { now, last: ROWS.toString(16).padStart(32, '0') }
}

test(`nothing waits long while old posts are deleted among ${ROWS}`, async () => {
  using folder = temporaryFolder()
  const db = new Database(`${folder.path}/a.sqlite`, SCHEMA)
  const blobs = new Blobs(db)
  const { now, last } = fill(db)
  const outbox = new SqliteOutbox(db, blobs, () => now)
  const inbox = new InboxStore(db, blobs)
  const shown = new ShownStore(db, blobs)
  const questions = new QuestionStore(db)
  const keeping = new InboxKeeping(db, inbox, { bytes: 1e9, bytesPerPerson: (ROWS / 50) * 300 })
  const longest: Record<string, number> = {}
  const each = async (name: string, batch: Batch) => {
    longest[name] = 0
    for (;;) {
      const from = process.threadCpuUsage()
      const more = await batch()
      const { user, system } = process.threadCpuUsage(from)
      longest[name] = Math.max(longest[name], (user + system) / 1000)
      if (!more) return
    }
  }
  const count = (table: string) => Number(db.get(`SELECT count(*) AS n FROM ${table}`)?.n)
  /** The older half of them. */
  const half = now / 2 + 1
  const emptied = { ...ALONE, also: (id: string) => shown.empty(id) }
  await each('measure', inbox.measure())
  await each('contents', outbox.keeping.contents(half + DAY, emptied))
  await each('posts', outbox.keeping.posts(half, ALONE))
  await each(
    'shown',
    shown.orphans((posts) => outbox.forgotten(posts)),
  )
  await each('events', outbox.keeping.events(half))
  await each('keys', outbox.keeping.keys(half))
  await each('old messages', keeping.old(half - DAY, ALONE))
  await each('room', keeping.room(ALONE))
  await each('questions', questions.orphans())
  await each('links', outbox.keeping.links(now + 1))
  for (const [name, ms] of Object.entries(longest))
    expect({ name, short: ms < MOST_MS || ms }).toEqual({ name, short: true })
  const tables = ['submission', 'post', 'event', 'shown', 'edit_key']
  expect(tables.map(count)).toEqual(tables.map(() => ROWS / 2))
  expect(count('pruned_post')).toBe(0)
  expect(count('inbox_message')).toBeLessThan(ROWS / 2)
  expect(outbox.find(last)).toBeDefined()
  expect(inbox.has(last)).toBe(true)
  db.close()
}, 3_600_000)
