// Failures of the database that pass: the disk is full, or the file cannot be written for another
// reason. Nothing is wrong with what was to be stored.
import { RelayError } from '../errors.ts'

/** Result codes of SQLite: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN. */
const PASSING: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 13, 14])
/** The upper bits of a code say more about it. */
const PRIMARY = 0xff

export function isUnstored(error: unknown): boolean {
  if (!(error instanceof RelayError) || error.code !== 'storage') return false
  const { cause } = error
  if (!Error.isError(cause) || !('errcode' in cause)) return false
  return PASSING.has(Number(cause.errcode) & PRIMARY)
}
