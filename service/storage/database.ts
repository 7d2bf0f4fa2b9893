// The relay's SQLite file: opened once, written only in group commits. A promise from `write`
// resolves when the commit is on the disk (WAL, synchronous=FULL), so what was answered after it
// survives a kill.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'

import { messageOf } from '../../post/contract/error.ts'
import { mendFile, privateFile } from '../../post/relay/private-file.ts'
import type { Note } from '../../post/relay/private-file.ts'
import { RelayError } from '../errors.ts'
import { checkFile, migrate } from './migrations.ts'
import type { Steps } from './migrations.ts'

export type Row = Record<string, SQLOutputValue>

/** The table that `problem` writes to; every file of a relay has it. */
const PROBE: Steps = {
  1: 'CREATE TABLE IF NOT EXISTS probe (n INTEGER PRIMARY KEY, at INTEGER) STRICT',
}
/** How long to wait while another program is writing to the file. */
const BUSY_MS = 5000

/** Thrown by a change that gives itself up: nothing is wrong with the database. */
export class Undone extends Error {
  override name = 'Undone'
}

interface Write {
  run: () => void
  settle: (failure: unknown) => void
}

export interface DatabaseOptions {
  /** Called with a sentence about each file mode that was corrected. */
  note?: Note
  /** ms to wait when opening a file that another program uses. This blocks the process. */
  waitMs?: number
}

export class Database {
  readonly path: string
  readonly #sqlite: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #pending: Write[] = []

  /**
   * Opens the file, or creates it with its folder, and brings its tables to the newest version.
   *
   * @param rooms - The tables of each room.
   * @throws {RelayError} `storage`, saying what is wrong, if the file cannot be used.
   */
  constructor(
    path: string,
    rooms: readonly Steps[],
    { note, waitMs = BUSY_MS }: DatabaseOptions = {},
  ) {
    this.path = path
    try {
      if (path !== ':memory:') makePrivate(path, note)
      this.#sqlite = new DatabaseSync(path, { timeout: waitMs })
    } catch (cause) {
      throw storageError(path, cause)
    }
    try {
      checkFile(this.#sqlite, { path, rooms: [PROBE, ...rooms], own: 'probe' })
      this.#sqlite.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL')
      migrate(this.#sqlite, [PROBE, ...rooms])
      this.#sqlite.exec(`PRAGMA busy_timeout = ${BUSY_MS}`)
    } catch (cause) {
      this.#sqlite.close()
      throw cause instanceof RelayError ? cause : storageError(path, cause)
    }
  }

  /**
   * Runs SQL at the start, outside `write`: views for other rooms, and rows that an earlier process
   * left behind.
   */
  define(sql: string): void {
    try {
      this.#sqlite.exec(sql)
    } catch (cause) {
      throw storageError(this.path, cause)
    }
  }

  /** Runs a change at the start, outside `write`, in a transaction of its own. */
  begin(change: () => void): void {
    try {
      this.#sqlite.exec('BEGIN IMMEDIATE')
      change()
      this.#sqlite.exec('COMMIT')
    } catch (cause) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK')
      throw storageError(this.path, cause)
    }
  }

  all(sql: string, values: Record<string, SQLInputValue> = {}): Row[] {
    return this.#prepared(sql).all(values)
  }

  get(sql: string, values: Record<string, SQLInputValue> = {}): Row | undefined {
    return this.#prepared(sql).get(values)
  }

  /** Only inside `write`. Returns the number of rows changed. */
  run(sql: string, values: Record<string, SQLInputValue> = {}): number {
    return Number(this.#prepared(sql).run(values).changes)
  }

  /**
   * Runs `change` at the end of this turn of the event loop, in one transaction with all other
   * changes of the turn. If it throws, only this change is undone. (With a timer for commits, a
   * single client would always have to wait for it.)
   *
   * @throws {RelayError} `storage` if the commit failed or the file is closed. Nothing was stored.
   * @throws what `change` throws, if that is a `RelayError` or `Undone`
   */
  write<T>(change: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#sqlite.isOpen) throw storageError(this.path, new Error('it is closed'))
      let result: T
      if (this.#pending.length === 0) setImmediate(() => this.#commit())
      this.#pending.push({
        run: () => {
          result = change()
        },
        settle: (failure) => {
          const isOwn = failure instanceof RelayError || failure instanceof Undone
          if (failure === undefined) resolve(result)
          else reject(isOwn ? failure : storageError(this.path, failure))
        },
      })
    })
  }

  /**
   * For `/ready`. It writes, because a read would work even if the disk is full.
   * @returns What is wrong; undefined if nothing is.
   */
  async problem(): Promise<string | undefined> {
    try {
      await this.write(() =>
        this.run('INSERT OR REPLACE INTO probe VALUES (1, $at)', { $at: Date.now() }),
      )
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }

  close(): void {
    if (this.#pending.length > 0) this.#commit()
    this.#statements.clear()
    this.#sqlite.close()
  }

  #commit(): void {
    const writes = this.#pending
    this.#pending = []
    // `close` has committed already.
    if (writes.length === 0) return
    const failures = new Map<Write, unknown>()
    try {
      if (!this.#together(writes)) this.#apart(writes, failures)
    } catch (failure) {
      this.#undo()
      for (const write of writes) failures.set(write, failure)
    }
    for (const write of writes) write.settle(failures.get(write))
  }

  /**
   * Runs all changes without savepoints, which would cost as much as the changes themselves.
   * @returns False if one threw, so that nothing was stored.
   */
  #together(writes: readonly Write[]): boolean {
    this.#prepared('BEGIN IMMEDIATE').run()
    if (!runAll(writes)) {
      this.#undo()
      return false
    }
    this.#prepared('COMMIT').run()
    return true
  }

  /** Runs each change again, in a savepoint of its own. */
  #apart(writes: readonly Write[], failures: Map<Write, unknown>): void {
    this.#prepared('BEGIN IMMEDIATE').run()
    for (const write of writes) this.#attempt(write, failures)
    this.#prepared('COMMIT').run()
  }

  /** SQLite has done so itself after some errors. */
  #undo(): void {
    if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK')
  }

  #attempt(write: Write, failures: Map<Write, unknown>): void {
    this.#prepared('SAVEPOINT change').run()
    try {
      write.run()
    } catch (failure) {
      failures.set(write, failure)
      this.#prepared('ROLLBACK TO change').run()
    }
    this.#prepared('RELEASE change').run()
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#sqlite.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** False if one threw. What it threw is not needed: that change is run again by itself. */
function runAll(writes: readonly Write[]): boolean {
  try {
    for (const write of writes) write.run()
    return true
  } catch {
    return false
  }
}

/**
 * SQLite creates the files beside the database with its mode. Those that an earlier relay left may
 * have another.
 */
function makePrivate(path: string, note: Note | undefined): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  privateFile(path, note)
  for (const end of ['-wal', '-shm', '-journal']) mendFile(`${path}${end}`, note)
}

/** A sentence for people. Nothing explains the problem better than SQLite's own message. */
export function storageError(path: string, cause: unknown): RelayError {
  const detail = messageOf(cause)
  return new RelayError('storage', `Cannot use the database ${path}: ${detail}`, { cause })
}
