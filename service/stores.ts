// Opens the relay's database and all stores in it, under a lock that only one relay can hold.
import { mkdirSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'

import { tryLock } from '../post/relay/lock.ts'
import { privateFile } from '../post/relay/private-file.ts'
import type { Note } from '../post/relay/private-file.ts'
import { LinkCodes } from './chat/codes.ts'
import { InboxKeeping } from './chat/inbox-keeping.ts'
import { InboxReplies } from './chat/inbox-replies.ts'
import { InboxStore } from './chat/inbox-store.ts'
import { StoredLinks } from './chat/links.ts'
import type { Config } from './config.ts'
import { ShownStore } from './convert/shown-store.ts'
import { RelayError } from './errors.ts'
import { nameHolder } from './lock-holder.ts'
import { PageKeys } from './hub/page-keys.ts'
import { SqliteOutbox } from './outbox/store.ts'
import { QuestionStore } from './replies/question-store.ts'
import { SCHEMA } from './schema.ts'
import { Blobs } from './storage/blobs.ts'
import { Database, storageError } from './storage/database.ts'
import { Files, filesOf } from './storage/files.ts'

export interface Stores {
  db: Database
  files: Files
  outbox: SqliteOutbox
  inbox: InboxStore
  inboxKeeping: InboxKeeping
  replies: InboxReplies
  questions: QuestionStore
  links: StoredLinks
  codes: LinkCodes
  shown: ShownStore
  /** For a local relay only. */
  pageKeys: PageKeys
  close(): void
}

export interface StoreOptions {
  /** Milliseconds since 1970. */
  now: () => number
  /** Whole milliseconds of this process. */
  monotonic: () => number
  /** How long to wait for a database that another program is using. */
  waitMs: number
  note: Note
}

/** @throws {RelayError} `storage` if the database cannot be used or another relay has it */
export function openStores(config: Config, { now, monotonic, waitMs, note }: StoreOptions): Stores {
  const unlock = lockDatabase(config.database, note)
  try {
    const db = new Database(config.database, SCHEMA, { note, waitMs })
    const files = new Files(filesOf(config.database))
    const blobs = new Blobs(db, files)
    const outbox = new SqliteOutbox(db, blobs, now, monotonic)
    const inbox = new InboxStore(db, blobs)
    const inboxKeeping = new InboxKeeping(db, inbox, config.kept.inbox)
    const replies = new InboxReplies(db, now)
    const questions = new QuestionStore(db)
    const links = new StoredLinks(db)
    const codes = new LinkCodes(db, now)
    const shown = new ShownStore(db, blobs)
    const pageKeys = new PageKeys(db, now)
    const close = () => {
      // Nobody can tell any more which files are named. The next start looks.
      files.keptBy(() => true)
      db.close()
      unlock()
    }
    const conversation = { replies, questions, links, codes }
    return { db, files, outbox, inbox, inboxKeeping, ...conversation, shown, pageKeys, close }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Locks the real file, so that two paths to it, such as a symbolic link, give the same lock. */
function lockDatabase(path: string, note: Note): () => void {
  if (/^\w+:\/\//.test(path)) {
    throw new RelayError(
      'storage',
      `Cannot use the database ${path.split(':')[0]}: expected a file`,
    )
  }
  let unlock: (() => void) | undefined
  try {
    const lock = `${realPath(path, note)}.lock`
    unlock = tryLock(lock, note)
    if (unlock) return named(lock, unlock)
  } catch (cause) {
    unlock?.()
    throw storageError(path, cause)
  }
  throw new RelayError('storage', `Cannot use the database ${path}: another relay is using it`)
}

/** The function that gives the lock back, after the file that says whose it is. */
function named(lock: string, unlock: () => void): () => void {
  const forget = nameHolder(lock)
  return () => {
    forget()
    unlock()
  }
}

/** Creates the file, empty as SQLite would, in a private folder, if it is not there yet. */
function realPath(path: string, note: Note): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  privateFile(path, note)
  return realpathSync(path)
}
