// The tables of the outbox. A submission is what one request brought and has one post per target. A
// post that its sender changed has one edit, which holds the newest state only.
import type { Steps } from '../storage/migrations.ts'

/**
 * States with work left. The partial indexes hold only these, so that finished posts cost nothing:
 * claims are 20 times faster.
 */
export const OPEN = `state IN ('ready', 'retry', 'leased')`

const FIRST = `
  CREATE TABLE IF NOT EXISTS submission (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, groups TEXT NOT NULL, idem_key TEXT, idem_hash TEXT,
    blocks TEXT NOT NULL, source TEXT NOT NULL, thread TEXT, accepted INTEGER NOT NULL, answer TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS submission_key ON submission (person, idem_key) WHERE idem_key IS NOT NULL;
  CREATE TABLE IF NOT EXISTS post (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, submission TEXT NOT NULL REFERENCES submission,
    person TEXT NOT NULL, service TEXT NOT NULL, typed TEXT NOT NULL, target TEXT NOT NULL,
    lane TEXT NOT NULL, label TEXT NOT NULL, destination TEXT,
    state TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'retry', 'sent', 'unknown', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL, -- when it may be claimed, or when its lease ends
    step TEXT, messages TEXT, url TEXT, thread_root TEXT, error TEXT, notices TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS post_open ON post (seq) WHERE ${OPEN};
  CREATE INDEX IF NOT EXISTS post_open_due ON post (due_at) WHERE ${OPEN};
  CREATE INDEX IF NOT EXISTS post_open_lane ON post (lane, seq) WHERE ${OPEN};
  CREATE INDEX IF NOT EXISTS post_dead ON post (seq) WHERE state = 'dead';
  CREATE INDEX IF NOT EXISTS post_submission ON post (submission);
  CREATE INDEX IF NOT EXISTS post_person ON post (person, seq);
  CREATE INDEX IF NOT EXISTS submission_accepted ON submission (accepted);
  CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, post TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
    person TEXT NOT NULL, lane TEXT NOT NULL
  ) STRICT;
  -- Content of a post that differs from its submission's.
  -- owner is base:POST (what is delivered) or edit:POST (what the post is to become).
  CREATE TABLE IF NOT EXISTS content (owner TEXT PRIMARY KEY, blocks TEXT NOT NULL, source TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS edit (
    post TEXT PRIMARY KEY REFERENCES post (id) ON DELETE CASCADE,
    remove INTEGER NOT NULL DEFAULT 0, wanted INTEGER NOT NULL DEFAULT 1,
    after INTEGER NOT NULL, -- posts of the lane up to this seq must be finished first
    asked_at INTEGER NOT NULL, written_at INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('ready', 'leased', 'retry', 'done', 'failed')),
    lease INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL, step TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS edit_open ON edit (after, post) WHERE ${OPEN};
  CREATE INDEX IF NOT EXISTS edit_leased ON edit (due_at, post) WHERE state = 'leased';
  CREATE TABLE IF NOT EXISTS edit_key (
    person TEXT NOT NULL, idem_key TEXT NOT NULL, idem_hash TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (person, idem_key)
  ) STRICT, WITHOUT ROWID;
`

/** The number of times in a row that the relay died while it worked on the row. */
const DEATHS = 'INTEGER NOT NULL DEFAULT 0'

/** Columns that the first releases did not have. */
const ADDED: ReadonlyArray<readonly [table: string, column: string, type: string]> = [
  ['post', 'messages', 'TEXT'],
  ['post', 'under', 'TEXT'], // the post in whose thread it belongs
  ['post', 'deaths', DEATHS],
  ['edit', 'deaths', DEATHS],
]

const OVER_ADDED = `
  CREATE INDEX IF NOT EXISTS post_suspect ON post (seq) WHERE ${OPEN} AND deaths > 1;
  CREATE INDEX IF NOT EXISTS edit_suspect ON edit (after, post) WHERE ${OPEN} AND deaths > 1;
`

export const STEPS: Steps = {
  1: (tables) => {
    tables.define(FIRST)
    for (const column of ADDED) tables.addColumn(...column)
    tables.define(OVER_ADDED)
  },
  // The number of the lease, as edits have it. The number of attempts cannot tell leases apart,
  // because it starts again at 0.
  2: 'ALTER TABLE post ADD COLUMN lease INTEGER NOT NULL DEFAULT 0',
}

/**
 * What other rooms may read of posts in their own SQL. The view exists for this connection only, so
 * it can change without a new version. It has subqueries instead of joins: then SQLite looks up
 * only the posts that a query needs.
 */
export const POSTS_FOR_OTHERS = `
  CREATE TEMP VIEW IF NOT EXISTS outbox_post AS
  SELECT p.seq, p.id, p.person, p.service, p.typed, p.target, p.lane, p.label, p.destination, p.state, p.error,
    p.messages, p.url, p.thread_root,
    (SELECT s.groups FROM submission s WHERE s.id = p.submission) AS groups,
    (SELECT s.accepted FROM submission s WHERE s.id = p.submission) AS accepted,
    -- It is to be removed; its service may still show it.
    EXISTS (SELECT 1 FROM edit e WHERE e.post = p.id AND e.remove = 1 AND e.state <> 'failed') AS is_going
  FROM post p
`
