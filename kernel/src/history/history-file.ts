// The SQLite file of the history: its tables, its bounds, its queries. Every kernel of a person has
// one session in it.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'

import { mendFile, privateFile } from '../../../post/relay/private-file.ts'
import type { Note } from '../../../post/relay/private-file.ts'

export interface HistoryRow {
  session: number
  line: number
  source: string
  /** text/plain of the line's result; null if it showed none. */
  output: string | null
}

export interface NewRow {
  line: number
  /** Undefined if the line was written before: then only the output is new. */
  source: string | undefined
  output: string | null
}

/** Rows kept; a session that finds a tenth more deletes the older ones. */
const MAX_ROWS = 100_000
/** Bytes of sources and outputs together. */
const MAX_BYTES = 64 * 1024 * 1024
/** ms to wait while another kernel writes: a batch takes far less. */
const LOCK = 100

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sessions (session INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL,
    line INTEGER NOT NULL,
    source TEXT NOT NULL,
    output TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS history_session ON history (session, line);
`

/** Answered from the index and the head of the file. */
const IS_FULL = `
  SELECT coalesce(max(id) - min(id), 0) > ${1.1 * MAX_ROWS} OR
    (SELECT (pages.page_count - free.freelist_count) * size.page_size
      FROM pragma_page_count AS pages, pragma_freelist_count AS free, pragma_page_size AS size)
      > ${1.1 * MAX_BYTES} AS full FROM history
`

const TRIM = `
  DELETE FROM history WHERE id <= (
    SELECT max(id) FROM (
      SELECT id, row_number() OVER newest AS row,
        sum(octet_length(source) + coalesce(octet_length(output), 0)) OVER newest AS bytes
      FROM history WINDOW newest AS (ORDER BY id DESC)
    ) WHERE row > ${MAX_ROWS} OR bytes > ${MAX_BYTES}
  )
`

const COLUMNS = 'session, line, source, output'

export class HistoryFile {
  readonly #database: DatabaseSync
  readonly #session: number
  readonly #insert: StatementSync
  readonly #update: StatementSync

  /** Begins a session. @throws SQLite's error if the file is locked, unreadable or no database. */
  constructor(path: string, note?: Note) {
    if (path !== ':memory:') makePrivate(path, note)
    const database = new DatabaseSync(path, { timeout: LOCK })
    try {
      // No WAL: home folders on a network file system lack the shared memory that it needs.
      database.exec('PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL;')
      this.#database = database
      this.#session = this.#transaction(() => {
        database.exec(SCHEMA)
        if (database.prepare(IS_FULL).get()?.['full'] === 1) database.exec(TRIM)
        const begin = database.prepare('INSERT INTO sessions (started) VALUES (?)')
        return Number(begin.run(new Date().toISOString()).lastInsertRowid)
      })
      this.#insert = database.prepare(
        'INSERT INTO history (session, line, source, output) VALUES (?, ?, ?, ?)',
      )
      this.#update = database.prepare(
        'UPDATE history SET output = ? WHERE session = ? AND line = ?',
      )
    } catch (error) {
      database.close()
      throw error
    }
  }

  write(rows: readonly NewRow[]): void {
    this.#transaction(() => {
      for (const { line, source, output } of rows) {
        if (source === undefined) this.#update.run(output, this.#session, line)
        else this.#insert.run(this.#session, line, source, output)
      }
    })
  }

  /** @param session - Absolute if positive, otherwise counted back from this one. */
  range(session: number, start: number, stop: number): HistoryRow[] {
    const absolute = session > 0 ? session : this.#session + session
    return this.#all(
      'WHERE session = ? AND line >= ? AND line < ? ORDER BY id',
      absolute,
      start,
      stop,
    )
  }

  tail(n: number): HistoryRow[] {
    return this.#all('ORDER BY id DESC LIMIT ?', n).toReversed()
  }

  /**
   * The newest cells of this session, or of all sessions if this one has fewer than asked for:
   * people who search want what they just typed; jupyter_kernel_test expects it too.
   *
   * @param limit - -1 for no limit.
   */
  search(pattern: string, limit: number, unique: boolean): HistoryRow[] {
    const mine = this.#search(pattern, limit, unique, this.#session)
    return mine.length >= Math.max(limit, 1) ? mine : this.#search(pattern, limit, unique, 0)
  }

  /** @param first - The earliest session to search. */
  #search(pattern: string, limit: number, unique: boolean, first: number): HistoryRow[] {
    const found = 'source GLOB ? AND session >= ?'
    const where = unique
      ? `id IN (SELECT max(id) FROM history WHERE ${found} GROUP BY source)`
      : found
    const rest = `WHERE ${where} ORDER BY id DESC LIMIT ?`
    return this.#all(rest, pattern, first, limit).toReversed()
  }

  close(): void {
    this.#database.close()
  }

  #all(rest: string, ...values: Array<string | number>): HistoryRow[] {
    return this.#database
      .prepare(`SELECT ${COLUMNS} FROM history ${rest}`)
      .all(...values)
      .map(toRow)
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

/** Cells may contain what others should not read. */
function makePrivate(path: string, note: Note | undefined): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  privateFile(path, note)
  mendFile(`${path}-journal`, note)
}

function toRow(row: Record<string, unknown>): HistoryRow {
  const { session, line, source, output } = row
  return {
    session: Number(session),
    line: Number(line),
    source: String(source),
    output: typeof output === 'string' ? output : null,
  }
}
