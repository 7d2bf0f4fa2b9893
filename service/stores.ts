// Opens the relay's database, under a lock that no other relay can have too, with all that is kept in it.
import { closeSync, existsSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'

import { tryLock } from '../post/lock.ts'
import { LinkCodes } from './chat/codes.ts'
import { InboxReplies } from './chat/inbox-replies.ts'
import { InboxStore } from './chat/inbox-store.ts'
import { StoredLinks } from './chat/links.ts'
import type { Config } from './config.ts'
import { ShownStore } from './convert/shown-store.ts'
import { RelayError } from './errors.ts'
import { SqliteOutbox } from './outbox/store.ts'
import { QuestionStore } from './replies/question-store.ts'
import { Blobs } from './storage/blobs.ts'
import { Database, storageError } from './storage/database.ts'

export interface Stores {
  db: Database
  outbox: SqliteOutbox
  inbox: InboxStore
  replies: InboxReplies
  questions: QuestionStore
  links: StoredLinks
  codes: LinkCodes
  shown: ShownStore
  close(): void
}

/**
 * @param waitMs - For a database that another program uses.
 * @throws {RelayError} `storage` if the database cannot be used or another relay has it
 */
export function openStores(
  config: Config,
  now: () => number,
  monotonic: () => number,
  waitMs: number,
): Stores {
  const unlock = lockDatabase(config.database)
  try {
    const db = new Database(config.database, waitMs)
    const blobs = new Blobs(db)
    const outbox = new SqliteOutbox(db, blobs, now, monotonic)
    const inbox = new InboxStore(db, blobs)
    const replies = new InboxReplies(db, now)
    const questions = new QuestionStore(db)
    const links = new StoredLinks(db)
    const codes = new LinkCodes(db, now)
    const shown = new ShownStore(db, blobs)
    const close = () => {
      db.close()
      unlock()
    }
    return { db, outbox, inbox, replies, questions, links, codes, shown, close }
  } catch (error) {
    unlock()
    throw error
  }
}

/** By the file itself: two paths to it, one a symbolic link, are one lock. */
function lockDatabase(path: string): () => void {
  if (/^\w+:\/\//.test(path)) {
    throw new RelayError(
      'storage',
      `Cannot use the database ${path.split(':')[0]}: expected a file`,
    )
  }
  let unlock: (() => void) | undefined
  try {
    unlock = tryLock(`${realPath(path)}.lock`)
  } catch (cause) {
    throw storageError(path, cause)
  }
  if (unlock) return unlock
  throw new RelayError('storage', `Cannot use the database ${path}: another relay is using it`)
}

/** Of a file that is not there yet, too: it is made, empty, as SQLite would; its folder is private. */
function realPath(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (!existsSync(path)) closeSync(openSync(path, 'a'))
  return realpathSync(path)
}
