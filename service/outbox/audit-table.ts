// The table of the audit trail. It has no further index: it is read by people, seldom and whole.
import type { Steps } from '../storage/migrations.ts'

export const AUDIT_TABLE: Steps = {
  6: `
    CREATE TABLE audit (
      n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, deed TEXT NOT NULL,
      person TEXT NOT NULL, -- '' if it is not known who asked
      origin TEXT, service TEXT, target TEXT, post TEXT, hash TEXT, bytes INTEGER, why TEXT,
      times INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'The audit trail is never changed'); END;
  `,
}

/** For readers beside the relay. */
export const AUDIT_ROWS = `
  SELECT n, at, deed, person, origin, service, target, post, hash, bytes, why, times FROM audit
  WHERE at >= $since AND ($person IS NULL OR person = $person) AND ($post IS NULL OR post = $post) ORDER BY n`
