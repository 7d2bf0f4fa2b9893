// A copy of a relay's database while the relay runs. SQLite reads all pages in one transaction in a
// process of its own: the copy is the state of one moment, and the relay goes on writing. Large
// files, which a relay keeps beside its database, are put into the copy, so one file is everything.
import { closeSync, existsSync, fsyncSync, linkSync, lstatSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'

import { codeOf, messageOf } from '../post/contract/error.ts'
import { RelayError } from './errors.ts'
import { SCHEMA } from './schema.ts'
import { checkCopy, includeFiles } from './storage/copy.ts'
import { filesOf } from './storage/files.ts'

/** In one step: if the relay wrote between two steps, SQLite would begin again. */
const ALL_PAGES = 2 ** 31 - 1

/**
 * @param target - A file that does not exist yet; readable by its owner only.
 * @throws {RelayError} `storage` in words
 */
export async function backUp(database: string, target: string): Promise<{ bytes: number }> {
  if (!existsSync(database)) throw refused(`There is no database ${database}`)
  // A link that leads nowhere counts too.
  if (lstatSync(target, { throwIfNoEntry: false }))
    throw refused(`${target} exists already: name a new file`)
  const draft = `${target}.${process.pid}.part`
  try {
    closeSync(openSync(draft, 'wx', 0o600))
    using source = new DatabaseSync(database, { readOnly: true })
    await backup(source, draft, { rate: ALL_PAGES })
    includeFiles(draft, filesOf(database))
    checkCopy(draft, SCHEMA)
    publish(draft, target)
    return { bytes: lstatSync(target).size }
  } catch (cause) {
    if (cause instanceof RelayError) throw cause
    throw new RelayError('storage', `Cannot back up ${database}: ${messageOf(cause)}`, { cause })
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${end}`, { force: true })
  }
}

/**
 * Gives a complete file its name, on the disk when this returns. Takes no other file's place, even
 * one that was made meanwhile.
 * @throws {RelayError} `storage`
 */
export function publish(draft: string, target: string): void {
  sync(draft)
  try {
    linkSync(draft, target)
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause
    throw refused(`${target} exists already: name a new file`)
  }
  rmSync(draft)
  sync(dirname(target))
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function refused(words: string): RelayError {
  return new RelayError('storage', words)
}
