// What changes in a database that comes from a backup. What was delivered after the backup is not
// known here, so the posts that waited then are looked for at their chat before they are sent. Who
// reads by a cursor may have seen later events than the backup has: new ones get higher numbers.
import type { Database } from '../storage/database.ts'
import { OPEN } from './tables.ts'

/** More than the events of years. */
const LEAP = 1_000_000_000

/** Only inside a transaction. @param now - Milliseconds since 1970. */
export function markRestored(db: Database, now: number): { waiting: number; newest: number } {
  const waiting = db.run(`UPDATE post SET doubtful = 1 WHERE ${OPEN}`)
  const last = db.get('SELECT max(at) AS at FROM event')?.at
  const newest = typeof last === 'number' ? last : 0
  db.run(`UPDATE sqlite_sequence SET seq = seq + ${LEAP} WHERE name = 'event'`)
  db.run(`INSERT INTO audit (at, deed, person, why) VALUES ($at, 'restored', '', $why)`, {
    $at: now,
    $why: `from a backup whose last event was at ${new Date(newest).toISOString()}`,
  })
  return { waiting, newest }
}
