// A copy of a database in one file, to be kept or moved.
import { DatabaseSync } from 'node:sqlite'

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
