// The versions of the tables: each is reached from a file of the version before, by steps that run
// once, or not at all. A file of the newest version is kept too, because a step that somebody adds
// to that version does not run in it. When a step has a new number,
// `NEW_DATABASE=1 npm run jest -- service/test/migrations.test.ts` writes the file of that version,
// if it is not there yet.
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from '@jest/globals'

import { SCHEMA } from '../schema.ts'
import { Database } from '../storage/database.ts'
import { migrate } from '../storage/migrations.ts'
import type { Steps } from '../storage/migrations.ts'
import { temporaryFolder } from './helpers/relay.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures/databases')
const NEWEST = Math.max(...SCHEMA.flatMap((steps) => Object.keys(steps).map(Number)))
const fileOf = (version: number) =>
  join(FIXTURES, version === 0 ? '0.1.0.sqlite' : `${version}.sqlite`)

if (process.env['NEW_DATABASE'] === '1' && !existsSync(fileOf(NEWEST))) writeNewest()

/** Without rows and with the smallest pages, so that the file stays small. */
function writeNewest(): void {
  const path = fileOf(NEWEST)
  new Database(path, SCHEMA).close()
  using db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM')
}

/** Tables with their columns, and what else there is, in no order. */
function shapeOf(path: string) {
  using db = new DatabaseSync(path, { readOnly: true })
  const names = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row).join(' '))
      .toSorted()
  return {
    version: db.prepare('PRAGMA user_version').get()?.user_version,
    columns: names(
      `SELECT t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'`,
    ),
    others: names(`SELECT type, name, sql FROM sqlite_schema WHERE type <> 'table'`),
  }
}

test.each(Array.from({ length: NEWEST + 1 }, (_, version) => version))(
  'a file of version %i has the same tables as a new one once it was opened',
  (version) => {
    using folder = temporaryFolder()
    const [old, fresh] = [join(folder.path, 'old.sqlite'), join(folder.path, 'fresh.sqlite')]
    copyFileSync(fileOf(version), old)
    expect(shapeOf(old).version).toBe(version)
    new Database(old, SCHEMA, { note: () => undefined }).close()
    new Database(fresh, SCHEMA).close()
    expect(shapeOf(old)).toEqual(shapeOf(fresh))
    expect(shapeOf(fresh).version).toBe(NEWEST)
  },
)

test('steps run once and in order, those of all rooms for a version before any of the next', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.sqlite')
  const taken: string[] = []
  const room = (name: string, ...versions: number[]): Steps =>
    Object.fromEntries(
      versions.map((version) => [version, () => void taken.push(`${name} ${version}`)]),
    )
  new Database(path, [room('a', 1), room('b', 1)]).close()
  expect(taken).toEqual(['a 1', 'b 1'])
  new Database(path, [room('a', 1, 2, 3), room('b', 1, 3), room('c', 2)]).close()
  expect(taken.slice(2)).toEqual(['a 2', 'c 2', 'a 3', 'b 3'])
  new Database(path, [room('a', 1, 2, 3), room('b', 1, 3), room('c', 2)]).close()
  expect(taken).toHaveLength(6)
})

test('a version whose steps fail is not there at all, and is tried again at the next start', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.sqlite')
  const first: Steps = { 1: 'CREATE TABLE one (n INTEGER)', 2: 'CREATE TABLE two (n INTEGER)' }
  expect(() => new Database(path, [first, { 2: 'CREATE TABLE one (n INTEGER)' }])).toThrow(
    'table one already exists',
  )
  using db = new DatabaseSync(path)
  expect(db.prepare('PRAGMA user_version').get()?.user_version).toBe(1)
  expect(db.prepare(`SELECT name FROM sqlite_schema WHERE name IN ('one', 'two')`).all()).toEqual([
    { name: 'one' },
  ])
  new Database(path, [first, { 2: 'ALTER TABLE one ADD COLUMN m INTEGER' }]).close()
  expect(shapeOf(path).version).toBe(2)
})

test('a file of a newer version is refused with one sentence that says what to do', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.sqlite')
  new Database(path, [{ 1: '', 3: 'CREATE TABLE newer (n INTEGER)' }]).close()
  expect(() => new Database(path, [{ 1: '', 2: '' }])).toThrow(
    `Cannot use the database ${path}: a newer jupyterpost wrote it (version 3 of its tables, this one knows up to 2); install that one again, or name another file`,
  )
  expect(shapeOf(path).version).toBe(3)
})

test('steps that another process took meanwhile are not taken again', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.sqlite')
  const rooms: Steps[] = [{ 1: 'CREATE TABLE one (n INTEGER)', 2: 'CREATE TABLE two (n INTEGER)' }]
  class Late extends DatabaseSync {
    #isFirst = true
    override exec(sql: string): void {
      if (sql.startsWith('BEGIN') && this.#isFirst) {
        this.#isFirst = false
        new Database(path, rooms).close()
      }
      super.exec(sql)
    }
  }
  using late = new Late(path)
  migrate(late, rooms)
  expect(shapeOf(path).version).toBe(2)
})

test.each([
  ['with none of our versions', 0],
  ['with a version of its own', 2],
])('a file of another program is refused and left as it is, %s', (_, version) => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.sqlite')
  const other = new DatabaseSync(path)
  other.exec(`CREATE TABLE users (name TEXT); PRAGMA user_version = ${version}`)
  other.close()
  const before = readFileSync(path)
  expect(() => new Database(path, SCHEMA, { note: () => undefined })).toThrow(
    `Cannot use the database ${path}: it has tables of another program; name another file`,
  )
  expect(readFileSync(path).equals(before)).toBe(true)
})
