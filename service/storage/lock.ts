// A lock that ends with its process, however that ends: SQLite's lock on a file of its own. A file with a pid in it would have to guess
// whether that process is still the same.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface Lock {
  release(): void
}

/** SQLite's result code for "another process has the lock". */
const SQLITE_BUSY = 5

/**
 * Undefined if another process holds it.
 * @throws {Error} if the file cannot be used at all
 */
export function takeLock(path: string): Lock | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = new DatabaseSync(path)
  try {
    file.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    if (Error.isError(error) && 'errcode' in error && error.errcode === SQLITE_BUSY)
      return undefined
    throw error
  }
  return { release: () => file.close() }
}
