// A lock between processes that the operating system gives back when its holder dies, also by kill -9: SQLite's own lock on an
// empty database file. Node has no flock.
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
 * @returns How to give it back, or undefined.
 * @throws {Error} that names the file, if it cannot be used at all.
 */
export function tryLock(path: string, note?: Note): (() => void) | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  let database: DatabaseSync | undefined
  try {
    // Who may open it may hold it.
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

/** Waits until the lock is free, at most `limit` milliseconds. @returns How to give it back, or undefined after the limit. */
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
