// Versions of the tables, kept in the file's `user_version`. Numbered steps lead from one version
// to the next, never back. Each room hands in the steps for its own tables. All steps to one
// version are one commit, so the next start can go on after one that was killed.
import type { DatabaseSync } from 'node:sqlite'

import { RelayError } from '../errors.ts'

/** What a step may do besides running SQL. */
export interface Tables {
  define(sql: string): void
  /** Does nothing if the table has the column. */
  addColumn(table: string, column: string, type: string): void
}

/**
 * Version -> what a room changes to get there from the version before. The file has one version for
 * all rooms, so a new step has the next number over all of them. A step that was released is never
 * edited; a change is a new step. Step 1 also meets files of releases before versions were
 * counted, so it creates what is missing and leaves the rest as it is.
 */
export type Steps = Readonly<Record<number, string | ((tables: Tables) => void)>>

/**
 * Refuses a newer file, and one of another program, before anything is written to it.
 * @param own - A table that every file of a relay has.
 * @throws {RelayError} `storage`
 */
export function checkFile(
  sqlite: DatabaseSync,
  { path, rooms, own }: { path: string; rooms: readonly Steps[]; own: string },
): void {
  const tables = sqlite.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()
  if (tables.length > 0 && !tables.some(({ name }) => name === own)) {
    throw new RelayError(
      'storage',
      `Cannot use the database ${path}: it has tables of another program; name another file`,
    )
  }
  const [version, newest] = [versionOf(sqlite), newestOf(rooms)]
  if (version <= newest) return
  throw new RelayError(
    'storage',
    `Cannot use the database ${path}: a newer jupyterpost wrote it (version ${version} of its tables, this one knows up to ${newest}); install that one again, or name another file`,
  )
}

/**
 * Brings a file to the newest version.
 * @throws {Error} SQLite's own. The file then has the last version that it reached.
 */
export function migrate(sqlite: DatabaseSync, rooms: readonly Steps[]): void {
  const newest = newestOf(rooms)
  while (versionOf(sqlite) < newest) {
    sqlite.exec('BEGIN IMMEDIATE')
    try {
      // Read again: another process may have been here first.
      const version = versionOf(sqlite) + 1
      if (version <= newest) {
        for (const steps of rooms) take(sqlite, steps[version])
        sqlite.exec(`PRAGMA user_version = ${version}`)
      }
      sqlite.exec('COMMIT')
    } catch (error) {
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
      throw error
    }
  }
}

function take(sqlite: DatabaseSync, step: Steps[number] | undefined): void {
  if (step === undefined) return
  const define = (sql: string) => sqlite.exec(sql)
  if (typeof step === 'string') define(step)
  else step({ define, addColumn: (...column) => addColumn(sqlite, ...column) })
}

function addColumn(sqlite: DatabaseSync, table: string, column: string, type: string): void {
  const known = sqlite.prepare(`SELECT name FROM pragma_table_info('${table}')`).all()
  if (!known.some(({ name }) => name === column))
    sqlite.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`)
}

function versionOf(sqlite: DatabaseSync): number {
  return Number(sqlite.prepare('PRAGMA user_version').get()?.user_version ?? 0)
}

function newestOf(rooms: readonly Steps[]): number {
  return Math.max(0, ...rooms.flatMap((steps) => Object.keys(steps).map(Number)))
}
