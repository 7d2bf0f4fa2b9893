// A lock between processes that the operating system releases when its holder dies, even if it was
// killed. It is SQLite's lock on an empty database file, because Node has no flock.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../contract/error.ts'
import { privateFile } from './private-file.ts'
import type { Note } from './private-file.ts'

/**
 * Takes the lock if it is free.
 *
 * @returns A function that releases it; undefined if it is taken.
 * @throws {Error} with the file's path, if the file cannot be used at all.
 */
export function tryLock(path: string, note?: Note): (() => void) | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  let database: DatabaseSync | undefined
  try {
    // Whoever may open the file may hold the lock.
    privateFile(path, note)
    const opened = (database = new DatabaseSync(path, { timeout: 0 }))
    opened.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return () => opened.close()
  } catch (error) {
    database?.close()
    if (isBusy(error)) return undefined
    const detail = messageOf(error)
    throw new Error(`Cannot lock ${path}: ${detail}`, { cause: error })
  }
}

/**
 * Waits until the lock is free, at most `limit` milliseconds.
 * @returns A function that releases it; undefined after the limit.
 */
export async function waitLock(path: string, limit: number): Promise<(() => void) | undefined> {
  const deadline = performance.now() + limit
  for (;;) {
    const release = tryLock(path)
    if (release !== undefined || performance.now() >= deadline) return release
    await delay(25)
  }
}

/** SQLITE_BUSY or SQLITE_LOCKED (sqlite.org/rescode.html). */
function isBusy(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return false
  return error.errcode === 5 || error.errcode === 6
}
