// What was typed, for `history_request`: rows of (session, line, source, output) in SQLite, bounded.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#history
import { DatabaseSync } from 'node:sqlite'

export interface HistoryRow {
  session: number
  line: number
  source: string
  /** text/plain of its result; null if it showed none. */
  output: string | null
}

/** The port that handlers see. All orders are oldest first. */
export interface History {
  add(line: number, source: string): void
  setOutput(line: number, output: string): void
  /** @param session - 0 is this one, -1 the one before; `stop` is exclusive, undefined for all. */
  range(session: number, start: number, stop: number | undefined): HistoryRow[]
  /** The last `n` lines of all sessions. */
  tail(n: number): HistoryRow[]
  /** Lines that match a glob (`*`, `?`, `[...]`); the last `n` of them; with `unique` each source once, at its last place. */
  search(pattern: string, n: number | undefined, unique: boolean): HistoryRow[]
  close(): void
}

/** Rows kept; older ones go when a session starts. */
const MAX_ROWS = 100_000

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

/** @param path - A file that kernels share, or `:memory:`. */
export function openHistory(path: string): History {
  const database = new DatabaseSync(path, { timeout: 2000 })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
  database.exec(SCHEMA)
  const { lastInsertRowid } = database
    .prepare('INSERT INTO sessions (started) VALUES (?)')
    .run(new Date().toISOString())
  const session = Number(lastInsertRowid)
  database
    .prepare('DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - ?')
    .run(MAX_ROWS)

  const columns = 'session, line, source, output'
  const insert = database.prepare('INSERT INTO history (session, line, source) VALUES (?, ?, ?)')
  const update = database.prepare('UPDATE history SET output = ? WHERE session = ? AND line = ?')
  const range = database.prepare(
    `SELECT ${columns} FROM history WHERE session = ? AND line >= ? AND line < ? ORDER BY id`,
  )
  const tail = database.prepare(`SELECT ${columns} FROM history ORDER BY id DESC LIMIT ?`)
  const search = database.prepare(
    `SELECT ${columns} FROM history WHERE source GLOB ? ORDER BY id DESC LIMIT ?`,
  )
  const searchUnique = database.prepare(
    `SELECT ${columns} FROM history WHERE id IN
      (SELECT max(id) FROM history WHERE source GLOB ? GROUP BY source) ORDER BY id DESC LIMIT ?`,
  )
  return {
    add: (line, source) => void insert.run(session, line, source),
    setOutput: (line, output) => void update.run(output, session, line),
    range(wanted, start, stop) {
      const absolute = wanted > 0 ? wanted : session + wanted
      return range.all(absolute, start, stop ?? Number.MAX_SAFE_INTEGER).map(toRow)
    },
    tail: (n) => tail.all(limit(n)).map(toRow).toReversed(),
    search: (pattern, n, unique) =>
      (unique ? searchUnique : search).all(pattern, limit(n)).map(toRow).toReversed(),
    close: () => database.close(),
  }
}

/** In SQLite -1 is no limit. */
function limit(n: number | undefined): number {
  return n === undefined ? -1 : Math.max(0, n)
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
