// Puts a backup in the place of a database that is lost. Posts that waited at the backup may have
// been delivered since, so they are looked for at their chat before they are sent again.
import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

import { messageOf } from '../post/contract/error.ts'
import { tryLock } from '../post/relay/lock.ts'
import { publish } from './backup.ts'
import { RelayError } from './errors.ts'
import { PageKeys } from './hub/page-keys.ts'
import { markRestored } from './outbox/restored.ts'
import { WatchStore } from './replies/watch-store.ts'
import { SCHEMA } from './schema.ts'
import { checkCopy } from './storage/copy.ts'
import { Database } from './storage/database.ts'

export interface Restored {
  /** Posts that wait for their chats. */
  waiting: number
  /** When the backup was made, as far as its events tell; ms since 1970. */
  newest: number
}

/**
 * @param now - Milliseconds since 1970.
 * @throws {RelayError} `storage` in words: a relay runs, a file is in the way, the backup is none
 */
export function restore(backup: string, database: string, now: number): Restored {
  if (!existsSync(backup)) throw refused(`There is no file ${backup}`)
  mkdirSync(dirname(database), { recursive: true, mode: 0o700 })
  const unlock = tryLock(`${database}.lock`)
  if (!unlock) throw refused(`A relay is using ${database}: stop it first`)
  const draft = `${database}.${process.pid}.part`
  try {
    const files = ['', '-wal', '-shm', '-journal'].map((end) => `${database}${end}`)
    const inTheWay = files.find((file) => existsSync(file))
    if (inTheWay !== undefined)
      throw refused(`${inTheWay} is in the way: move it to another folder first`)
    copyFileSync(backup, draft, constants.COPYFILE_EXCL)
    chmodSync(draft, 0o600)
    checkCopy(draft, SCHEMA)
    const restored = prepare(draft, now)
    publish(draft, database)
    return restored
  } catch (cause) {
    if (cause instanceof RelayError) throw cause
    throw new RelayError('storage', `Cannot restore ${database}: ${messageOf(cause)}`, { cause })
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${end}`, { force: true })
    unlock()
  }
}

function prepare(path: string, now: number): Restored {
  const db = new Database(path, SCHEMA)
  try {
    let restored: Restored | undefined
    db.begin(() => {
      PageKeys.forgetAll(db)
      WatchStore.forgetLive(db)
      restored = markRestored(db, now)
    })
    if (!restored) throw new Error('The database was not prepared')
    return restored
  } finally {
    db.close()
  }
}

function refused(words: string): RelayError {
  return new RelayError('storage', words)
}
