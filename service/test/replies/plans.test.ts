// Questions and watches look at posts at every commit of the outbox: these queries look up the few
// posts that matter and never list all.
import type { SQLInputValue } from 'node:sqlite'
import { expect, test } from '@jest/globals'

import { SqliteOutbox } from '../../outbox/store.ts'
import { QuestionStore } from '../../replies/question-store.ts'
import { SaidStore } from '../../replies/said-store.ts'
import { WatchStore } from '../../replies/watch-store.ts'
import { SCHEMA } from '../../schema.ts'
import { Blobs } from '../../storage/blobs.ts'
import { Database } from '../../storage/database.ts'
import type { Row } from '../../storage/database.ts'

type Values = Record<string, SQLInputValue>

/** Remembers what it is asked. */
class AskedDatabase extends Database {
  readonly asked = new Map<string, Values>()

  override all(sql: string, values: Values = {}): Row[] {
    this.asked.set(sql, values)
    return super.all(sql, values)
  }

  override get(sql: string, values: Values = {}): Row | undefined {
    this.asked.set(sql, values)
    return super.get(sql, values)
  }
}

/** Everything that is asked of the database while `ask` runs, with how SQLite does it. */
function plansOf(ask: (db: Database) => void): Array<[sql: string, plan: string[]]> {
  const db = new AskedDatabase(':memory:', SCHEMA)
  // With the view that they ask.
  const outbox = new SqliteOutbox(db, new Blobs(db), () => 0)
  expect(outbox.find('post')).toBeUndefined()
  db.asked.clear()
  ask(db)
  const plans = [...db.asked].map(([sql, values]): [string, string[]] => {
    const plan = db.all(`EXPLAIN QUERY PLAN ${sql}`, values)
    return [sql, plan.map(({ detail }) => String(detail))]
  })
  db.close()
  return plans
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
  expect(plans).toHaveLength(7)
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
