// The keys under which changes were asked for: a request that is sent again changes nothing twice.
import type { Database } from '../storage/database.ts'
import { keyConflict } from './submissions.ts'

export interface EditKey {
  person: string
  key: string
  /** Of the post and the request. */
  hash: string
}

/** @throws {RelayError} `idempotency_conflict` */
export function isRepeated(db: Database, { person, key, hash }: EditKey): boolean {
  const known = db.get(
    'SELECT idem_hash FROM edit_key WHERE person = $person AND idem_key = $key',
    { $person: person, $key: key },
  )
  if (known && known.idem_hash !== hash) throw keyConflict(key, 'change')
  return known !== undefined
}

/** Only inside `Database.write`. */
export function remember(db: Database, { person, key, hash }: EditKey, at: number): void {
  db.run('INSERT INTO edit_key VALUES ($person, $key, $hash, $at)', {
    $person: person,
    $key: key,
    $hash: hash,
    $at: at,
  })
}
