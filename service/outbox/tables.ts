// Tables of the outbox and what is asked of them. A submission is what one request brought; it has one post a target; a post that was
// changed by its sender has one edit, of which the newest state alone counts.

/** States with work left; the partial indexes are over these alone, so that finished posts cost nothing (20 times faster claims). */
const OPEN = `state IN ('ready', 'retry', 'leased')`

export const TABLES = `
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
    due_at INTEGER NOT NULL, -- when it may be claimed; of a leased post, when the lease ends
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
  -- Content of one post that differs from its submission's: owner is base:POST (what is delivered) or edit:POST (what it becomes).
  CREATE TABLE IF NOT EXISTS content (owner TEXT PRIMARY KEY, blocks TEXT NOT NULL, source TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS edit (
    post TEXT PRIMARY KEY REFERENCES post (id) ON DELETE CASCADE,
    remove INTEGER NOT NULL DEFAULT 0, wanted INTEGER NOT NULL DEFAULT 1,
    after INTEGER NOT NULL, -- the post's lane: nothing accepted up to this seq may be unfinished
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

/** Attempts in a row that ended with the relay itself. */
const DEATHS = 'INTEGER NOT NULL DEFAULT 0'
/** After two, the third may not take others along: such a row is worked on alone. */
export type Suspicion = 'suspects' | 'others'
const isOf = (table: string, which: Suspicion) =>
  `${table}.deaths ${which === 'suspects' ? '>' : '<='} 1`

/** Columns that a database of an earlier version lacks. */
export const LATER_COLUMNS: ReadonlyArray<readonly [table: string, column: string, type: string]> =
  [
    ['post', 'messages', 'TEXT'],
    ['post', 'under', 'TEXT'], // the post in whose thread it belongs
    ['post', 'deaths', DEATHS],
    ['edit', 'deaths', DEATHS],
  ]

/** Over columns of `LATER_COLUMNS`. */
export const LATER_INDEXES = `
  CREATE INDEX IF NOT EXISTS post_suspect ON post (seq) WHERE ${OPEN} AND deaths > 1;
  CREATE INDEX IF NOT EXISTS edit_suspect ON edit (after, post) WHERE ${OPEN} AND deaths > 1;
`

/** An attempt that is under way when the relay starts ended with the relay before, and nobody recorded how. */
export const COUNT_DEATHS = ['post', 'edit'].map(
  (table) =>
    `UPDATE ${table} SET state = 'retry', due_at = 0, deaths = deaths + 1 WHERE state = 'leased'`,
)

/** No two at once in a lane, an edit as little as a post. */
const NO_EDIT_IN_LANE = `NOT EXISTS (SELECT 1 FROM edit l JOIN post q ON q.id = l.post
      WHERE l.state = 'leased' AND l.due_at > $now AND q.lane = p.lane)`

/**
 * A post is claimed if it is due (or its lease ended) and nothing of its lane is unfinished before it: lanes never wait for each other
 * and none overtakes itself.
 */
export const claim = (which: Suspicion): string => `
  SELECT p.*, s.groups, coalesce(b.source, s.source) AS source, s.thread, s.accepted, coalesce(b.blocks, s.blocks) AS shown,
    coalesce(b.owner, p.submission) AS files
  FROM post p JOIN submission s ON s.id = p.submission LEFT JOIN content b ON b.owner = 'base:' || p.id
  WHERE p.${OPEN} AND ${isOf('p', which)} AND p.due_at <= $now
    AND NOT EXISTS (SELECT 1 FROM post e WHERE e.lane = p.lane AND e.seq < p.seq AND e.${OPEN})
    AND ${NO_EDIT_IN_LANE}
  ORDER BY p.seq LIMIT 1`

/**
 * An edit is claimed once its post is delivered, after what was accepted before it in its lane. Later posts do not wait for it, unless it is
 * on its way: the gap between two edits would hold the lane. CROSS JOIN: open edits are few, so they are read first.
 */
export const claimEdit = (which: Suspicion): string => `
  SELECT p.id, p.person, p.service, p.destination, p.thread_root, p.messages, p.url, p.submission, s.groups, s.accepted,
    coalesce(c.source, s.source) AS source, coalesce(c.blocks, s.blocks) AS shown, coalesce(c.owner, p.submission) AS files,
    coalesce(b.owner, p.submission) AS base_files, e.remove, e.wanted, e.lease, e.attempts, e.deaths, e.asked_at, e.step
  FROM edit e CROSS JOIN post p ON p.id = e.post JOIN submission s ON s.id = p.submission
    LEFT JOIN content b ON b.owner = 'base:' || p.id LEFT JOIN content c ON c.owner = 'edit:' || p.id
  WHERE e.${OPEN} AND ${isOf('e', which)} AND e.due_at <= $now AND p.state = 'sent'
    AND NOT EXISTS (SELECT 1 FROM post q WHERE q.lane = p.lane AND q.${OPEN} AND (q.seq <= e.after OR q.state = 'leased'))
    AND ${NO_EDIT_IN_LANE}
  ORDER BY e.after LIMIT 1`

/** $lanes: a JSON list of lanes, or `"all"`. Readers of a lane see what was delivered, the sender sees everything. */
const VISIBLE = `($lanes = '"all"' OR p.person = $name
  OR (p.state = 'sent' AND p.lane IN (SELECT value FROM json_each($lanes))))`

/** With the content that the sender wants, also while the service does not show it yet. */
const SHOWN = `
  SELECT p.*, s.thread, s.accepted, coalesce(c.source, b.source, s.source) AS source, coalesce(c.blocks, b.blocks, s.blocks) AS shown,
    coalesce(c.owner, b.owner, p.submission) AS files
  FROM post p JOIN submission s ON s.id = p.submission
    LEFT JOIN content b ON b.owner = 'base:' || p.id LEFT JOIN content c ON c.owner = 'edit:' || p.id`

export const READ_ONE = `${SHOWN} WHERE p.id = $id AND ${VISIBLE}`
export const NEWEST = `
  SELECT p.id, s.accepted FROM post p JOIN submission s ON s.id = p.submission
  WHERE ${VISIBLE} ORDER BY p.seq DESC LIMIT $limit`
/** The last change of each post after the cursor, also of posts that are gone. */
export const READ_CHANGES = `
  SELECT max(e.seq) AS cursor, e.post AS id FROM event e
  WHERE e.seq > $after AND ($lanes = '"all"' OR e.person = $name OR e.lane IN (SELECT value FROM json_each($lanes)))
  GROUP BY e.post ORDER BY cursor LIMIT $limit`
export const NEXT_DUE = `
  SELECT min(due) AS due FROM (SELECT min(due_at) AS due FROM post WHERE ${OPEN}
    UNION ALL SELECT min(e.due_at) FROM edit e JOIN post p ON p.id = e.post WHERE e.${OPEN} AND p.state = 'sent')`
/** Each from a partial index: this is asked at every post, and finished posts are many. */
export const COUNTS = `
  SELECT (SELECT count(*) FROM post WHERE ${OPEN}) + (SELECT count(*) FROM edit WHERE ${OPEN}) AS waiting,
    (SELECT count(*) FROM post WHERE state = 'dead') AS dead,
    (SELECT s.accepted FROM post p JOIN submission s ON s.id = p.submission
     WHERE p.seq = (SELECT min(seq) FROM post WHERE ${OPEN})) AS oldest`
export const STALE = `
  SELECT id FROM submission s WHERE s.accepted < $before
    AND NOT EXISTS (SELECT 1 FROM post p LEFT JOIN edit e ON e.post = p.id WHERE p.submission = s.id AND (p.${OPEN} OR e.${OPEN}))`
export { OPEN }
