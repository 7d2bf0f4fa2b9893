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

/** Keeps the number of rows of a state in `tally`: counting them would take time with each one. */
function counter(name: string, table: 'post' | 'edit', is: string): string {
  const trigger = `${table}_${name.replace(' ', '_')}`
  return `
  INSERT INTO tally SELECT '${name}', count(*) FROM ${table} WHERE ${is};
  CREATE TRIGGER ${trigger}_added AFTER INSERT ON ${table} WHEN new.${is} BEGIN
    UPDATE tally SET n = n + 1 WHERE name = '${name}';
  END;
  CREATE TRIGGER ${trigger}_changed AFTER UPDATE OF state ON ${table} WHEN (new.${is}) <> (old.${is}) BEGIN
    UPDATE tally SET n = n + (new.${is}) - (old.${is}) WHERE name = '${name}';
  END;
  CREATE TRIGGER ${trigger}_gone AFTER DELETE ON ${table} WHEN old.${is} BEGIN
    UPDATE tally SET n = n - 1 WHERE name = '${name}';
  END;`
}

/** A row for each lane with work, which names the job that is next in it (lanes.ts). */
const LANES = `
  ALTER TABLE post ADD COLUMN thread TEXT; -- the submission's, for its index
  UPDATE post SET thread = (SELECT thread FROM submission s WHERE s.id = post.submission);
  CREATE INDEX post_thread ON post (person, lane, thread, seq) WHERE thread IS NOT NULL AND state = 'sent';
  CREATE INDEX post_sent_lane ON post (lane, seq) WHERE state = 'sent';
  ALTER TABLE edit ADD COLUMN lane TEXT NOT NULL DEFAULT '';
  ALTER TABLE edit ADD COLUMN free INTEGER NOT NULL DEFAULT 0; -- no open post comes before it
  UPDATE edit SET lane = (SELECT lane FROM post p WHERE p.id = edit.post);
  UPDATE edit SET free = 1 WHERE ${OPEN}
    AND NOT EXISTS (SELECT 1 FROM post q WHERE q.lane = edit.lane AND q.${OPEN} AND q.seq <= edit.after);
  CREATE INDEX edit_blocked ON edit (lane, after) WHERE ${OPEN} AND free = 0;
  CREATE INDEX edit_free ON edit (lane, due_at) WHERE ${OPEN} AND free = 1;
  CREATE INDEX edit_leased_lane ON edit (lane) WHERE state = 'leased';
  DROP INDEX edit_open; DROP INDEX edit_leased; DROP INDEX edit_suspect;
  DROP INDEX post_open_due; DROP INDEX post_suspect;
  CREATE TABLE lane (
    lane TEXT PRIMARY KEY, service TEXT NOT NULL, person TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('post', 'edit')), job TEXT NOT NULL, -- the post's id
    suspect INTEGER NOT NULL, -- the relay died twice at it
    is_due INTEGER NOT NULL, due_at INTEGER NOT NULL, -- when it may be claimed, or when its lease ends
    turn INTEGER NOT NULL -- see turns.ts
  ) STRICT, WITHOUT ROWID;
  INSERT INTO lane SELECT lane, service, person, 'post', id, deaths > 1, 1, 0, seq FROM post
    WHERE seq IN (SELECT min(seq) FROM post WHERE ${OPEN} GROUP BY lane);
  INSERT OR IGNORE INTO lane SELECT e.lane, p.service, p.person, 'edit', p.id, e.deaths > 1, 1, 0, p.seq
    FROM edit e CROSS JOIN post p ON p.id = e.post WHERE e.${OPEN} AND e.free = 1 ORDER BY e.after;
  CREATE INDEX lane_due ON lane (service, suspect, turn) WHERE is_due = 1;
  CREATE INDEX lane_waiting ON lane (due_at) WHERE is_due = 0;
  CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  ${counter('open posts', 'post', OPEN)}
  ${counter('open edits', 'edit', OPEN)}
  ${counter('dead posts', 'post', `state = 'dead'`)}
`

/** What is kept how long (keeping.ts). */
const KEEPING = `
  ALTER TABLE post ADD COLUMN settled INTEGER; -- when its service had it, or the last change of it
  ALTER TABLE post ADD COLUMN kept INTEGER NOT NULL DEFAULT 1; -- 0: its text and files were deleted
  ALTER TABLE post ADD COLUMN file_hashes TEXT; -- SHA-256 of the files of its delivery, if they were
  UPDATE post SET settled = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE state = 'sent';
  CREATE INDEX post_settled ON post (settled, seq) WHERE state = 'sent' AND kept = 1;
  CREATE INDEX edit_key_at ON edit_key (at);
  CREATE TABLE pruned_post (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, lane TEXT NOT NULL, at INTEGER NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('old', 'room'))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pruned_post_at ON pruned_post (at);
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
  3: LANES,
  4: KEEPING,
  6: 'ALTER TABLE post ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0', // see restored.ts
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
