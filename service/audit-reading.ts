// Reads the audit trail from beside the relay, which goes on writing.
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

import { messageOf } from '../post/contract/error.ts'
import { RelayError } from './errors.ts'
import { AUDIT_ROWS } from './outbox/audit-table.ts'

export interface AuditFilter {
  /** Milliseconds since 1970. */
  since: number
  person: string | undefined
  post: string | undefined
}

export type AuditRow = Record<string, string | number>

/**
 * Oldest first.
 * @throws {RelayError} `storage`
 */
export function* auditRows(database: string, filter: AuditFilter): Generator<AuditRow> {
  if (!existsSync(database)) throw new RelayError('storage', `There is no database ${database}`)
  try {
    using db = new DatabaseSync(database, { readOnly: true })
    const { since, person = null, post = null } = filter
    const values = { $since: since, $person: person, $post: post }
    for (const row of db.prepare(AUDIT_ROWS).iterate(values)) {
      const known = Object.entries(row).flatMap(([name, value]) =>
        typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [],
      )
      yield Object.fromEntries(known)
    }
  } catch (cause) {
    throw new RelayError('storage', `Cannot read ${database}: ${messageOf(cause)}`, { cause })
  }
}
