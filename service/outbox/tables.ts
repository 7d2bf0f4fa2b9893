// Tables of the outbox. A submission is what one request brought; it has one post a target. Events are only ever added: they are the
// audit trail and the order of the event stream.

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
    step TEXT, blocks TEXT, message_id TEXT, url TEXT, thread_root TEXT, error TEXT, notices TEXT NOT NULL
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
`

/**
 * A post is claimed if it is due (or its lease ended) and nothing of its lane is unfinished before it: lanes never wait for each other
 * and none overtakes itself.
 */
export const CLAIM = `
  SELECT p.*, s.groups, s.source, s.thread, s.accepted, coalesce(p.blocks, s.blocks) AS shown
  FROM post p JOIN submission s ON s.id = p.submission
  WHERE p.${OPEN} AND p.due_at <= $now
    AND NOT EXISTS (SELECT 1 FROM post e WHERE e.lane = p.lane AND e.seq < p.seq AND e.${OPEN})
  ORDER BY p.seq LIMIT 1`

/** $lanes: a JSON list of lanes, or `"all"`. Readers of a lane see what was delivered, the sender sees everything. */
const VISIBLE = `($lanes = '"all"' OR p.person = $name
  OR (p.state = 'sent' AND p.lane IN (SELECT value FROM json_each($lanes))))`

const SHOWN = `SELECT p.*, s.source, s.thread, s.accepted, coalesce(p.blocks, s.blocks) AS shown
  FROM post p JOIN submission s ON s.id = p.submission`

export const READ_ONE = `${SHOWN} WHERE p.id = $id AND ${VISIBLE}`
export const READ_NEWEST = `${SHOWN} WHERE ${VISIBLE} ORDER BY p.seq DESC LIMIT $limit`
/** The last change of each post after the cursor; posts that are gone have no row in `post`. */
export const READ_CHANGES = `
  SELECT max(e.seq) AS cursor, e.post AS id, p.seq AS there FROM event e LEFT JOIN post p ON p.id = e.post
  WHERE e.seq > $after AND ($lanes = '"all"' OR e.person = $name OR e.lane IN (SELECT value FROM json_each($lanes)))
  GROUP BY e.post ORDER BY cursor LIMIT $limit`
export const NEXT_DUE = `SELECT min(due_at) AS due FROM post WHERE ${OPEN}`
/** Each from a partial index: this is asked at every post, and finished posts are many. */
export const COUNTS = `
  SELECT (SELECT count(*) FROM post WHERE ${OPEN}) AS waiting,
    (SELECT count(*) FROM post WHERE state = 'dead') AS dead,
    (SELECT s.accepted FROM post p JOIN submission s ON s.id = p.submission
     WHERE p.seq = (SELECT min(seq) FROM post WHERE ${OPEN})) AS oldest`
export const STALE = `
  SELECT id FROM submission s WHERE s.accepted < $before
    AND NOT EXISTS (SELECT 1 FROM post p WHERE p.submission = s.id AND p.${OPEN})`
export { OPEN }
