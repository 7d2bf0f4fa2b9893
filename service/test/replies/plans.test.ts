// What questions and watches ask of posts is asked at every commit of the outbox: it looks up the few that count and makes no list of all.
import { expect, test } from '@jest/globals'

import { SqliteOutbox } from '../../outbox/store.ts'
import { QuestionStore } from '../../replies/question-store.ts'
import { SaidStore } from '../../replies/said-store.ts'
import { WatchStore } from '../../replies/watch-store.ts'
import { SCHEMA } from '../../schema.ts'
import { Blobs } from '../../storage/blobs.ts'
import { Database } from '../../storage/database.ts'
import type { Row } from '../../storage/database.ts'

/** Everything that is asked of the database while `ask` runs, with how SQLite does it. */
function plansOf(ask: (db: Database) => void): Map<string, string[]> {
  const db = new Database(':memory:', SCHEMA)
  new SqliteOutbox(db, new Blobs(db), () => 0)
  const asked = new Map<string, Row>()
  const { all, get } = db
  db.all = (sql, values = {}) => {
    asked.set(sql, Object.fromEntries(Object.keys(values).map((name) => [name, null])))
    return all.call(db, sql, values)
  }
  db.get = (sql, values = {}) => {
    asked.set(sql, Object.fromEntries(Object.keys(values).map((name) => [name, null])))
    return get.call(db, sql, values)
  }
  ask(db)
  const plans = [...asked].map(([sql, values]) => {
    const plan = all.call(db, `EXPLAIN QUERY PLAN ${sql}`, values)
    return [sql, plan.map(({ detail }) => String(detail))] as const
  })
  db.close()
  return new Map(plans)
}

test('questions and watches never read all posts', () => {
  const plans = plansOf((db) => {
    const questions = new QuestionStore(db)
    questions.open('inbox', '@ada')
    questions.openOne('post')
    questions.fates()
    const watches = new WatchStore(db)
    watches.posts('watch')
    watches.isWatched('post', 0)
    const said = new SaidStore(db)
    said.heard('inbox:@ada', 'post', 0)
    said.conversations('inbox', 0)
  })
  expect(plans.size).toBe(7)
  for (const [sql, plan] of plans) {
    expect([
      sql,
      plan.filter((step) =>
        /^(SCAN (p|outbox_post|submission)\b|MATERIALIZE|CO-ROUTINE)/.test(step),
      ),
    ]).toEqual([sql, []])
    expect(plan.some((step) => step.startsWith('SEARCH p '))).toBe(true)
  }
})
