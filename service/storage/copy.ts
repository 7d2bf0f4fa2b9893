// A copy of a database in one file, to be kept or moved.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { codeOf } from '../../post/contract/error.ts'
import { RelayError } from '../errors.ts'
import { checkFile } from './migrations.ts'
import type { Steps } from './migrations.ts'

/**
 * Reads the whole copy, and makes it one file without a log beside it.
 * @param rooms - The tables that this version knows.
 * @throws {RelayError} `storage` if it is no whole database of a relay
 */
export function checkCopy(path: string, rooms: readonly Steps[]): void {
  using copy = new DatabaseSync(path)
  checkFile(copy, { path, rooms, own: 'probe' })
  const found = copy.prepare('PRAGMA quick_check(1)').get()?.quick_check
  if (found !== 'ok') throw new RelayError('storage', `${path} is damaged: ${String(found)}`)
  copy.exec('PRAGMA journal_mode = DELETE')
}

/**
 * Puts the large files of a folder into the copy. One that is gone was deleted since, because no
 * post needs it any more.
 */
export function includeFiles(copy: string, folder: string): void {
  using db = new DatabaseSync(copy)
  const include = db.prepare('UPDATE blob SET bytes = ?, file = NULL WHERE file = ?')
  for (const { file } of db.prepare('SELECT file FROM blob WHERE file IS NOT NULL').all()) {
    const bytes = readIfThere(join(folder, String(file)))
    if (bytes) include.run(bytes, String(file))
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
