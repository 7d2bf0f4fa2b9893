// A lock between processes of this clone: SQLite's own on an empty database, so that the operating system gives it back when the holder
// dies, however it dies.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import type { Say } from './run.ts'

const LOOK_EVERY = 500
/** sqlite.org/rescode.html */
const SQLITE_BUSY = 5

/** Resolves when this process holds the lock; disposing gives it back. */
export async function holdLock(path: string, say: Say): Promise<Disposable> {
  mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path, { timeout: 0 })
  let told = false
  while (!tryLock(database)) {
    if (!told) say(`Waiting for another process, which holds ${path}`)
    told = true
    await wait(LOOK_EVERY)
  }
  return { [Symbol.dispose]: () => database.close() }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (Error.isError(error) && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
    throw error
  }
}
