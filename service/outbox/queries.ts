// The SQL by which the outbox's worker and its readers ask its tables.
import type { JobKind } from './outbox.ts'
import { OPEN } from './tables.ts'

/** The first open post of a lane. */
export const HEAD_POST = `
  SELECT id, seq, service, person, state, due_at, deaths FROM post WHERE lane = $lane AND ${OPEN} ORDER BY seq LIMIT 1`
const EDIT_OF_LANE = `SELECT e.post AS id, p.service, p.person, e.state, e.due_at, e.deaths
  FROM edit e CROSS JOIN post p ON p.id = e.post WHERE e.lane = $lane`
export const LEASED_EDIT = `${EDIT_OF_LANE} AND e.state = 'leased'`
export const FREE_EDIT = `${EDIT_OF_LANE} AND e.${OPEN} AND e.free = 1 ORDER BY e.due_at LIMIT 1`
/** Frees edits that no open post comes before any more. Later posts come after them anyway. */
export const FREE_EDITS = `UPDATE edit SET free = 1 WHERE lane = $lane AND free = 0 AND ${OPEN} AND after < $before`

export const NEXT_LANE = `
  SELECT lane, kind, job, turn FROM lane WHERE is_due = 1 AND service = $service AND suspect = $suspect ORDER BY turn LIMIT 1`
/** A lane that is due by now, but is not marked so yet. */
export const WAITED_LANE = `
  SELECT 1 FROM lane WHERE is_due = 0 AND service = $service AND suspect = $suspect AND due_at <= $now LIMIT 1`
export const NEXT_DUE = 'SELECT min(due_at) AS due FROM lane WHERE is_due = 0'
export const PUT_LANE = `
  INSERT INTO lane (lane, service, kind, job, suspect, is_due, due_at, person, turn)
  VALUES ($lane, $service, $kind, $job, $suspect, $isDue, $due, $person, $turn)
  ON CONFLICT (lane) DO UPDATE SET kind = $kind, job = $job, suspect = $suspect, is_due = $isDue, due_at = $due,
    person = $person, turn = $turn`

/** What a worker needs to deliver a post. */
const DELIVERY = `
  SELECT p.*, s.groups, coalesce(b.source, s.source) AS source, s.thread, s.accepted, coalesce(b.blocks, s.blocks) AS shown,
    coalesce(b.owner, p.submission) AS files
  FROM post p JOIN submission s ON s.id = p.submission LEFT JOIN content b ON b.owner = 'base:' || p.id
  WHERE p.id = $id AND p.${OPEN}`

/** What a worker needs to change a post. */
const EDIT = `
  SELECT p.id, p.person, p.service, p.lane, p.destination, p.thread_root, p.messages, p.url, p.submission, s.groups, s.accepted,
    coalesce(c.source, s.source) AS source, coalesce(c.blocks, s.blocks) AS shown, coalesce(c.owner, p.submission) AS files,
    coalesce(b.owner, p.submission) AS base_files, p.file_hashes, e.remove, e.wanted, e.lease, e.attempts, e.deaths, e.asked_at, e.step
  FROM edit e CROSS JOIN post p ON p.id = e.post JOIN submission s ON s.id = p.submission
    LEFT JOIN content b ON b.owner = 'base:' || p.id LEFT JOIN content c ON c.owner = 'edit:' || p.id
  WHERE e.post = $id AND e.${OPEN}`

/** The first delivered post of a person's thread. */
export const THREAD_ROOT = `
  SELECT thread_root FROM post WHERE person = $person AND lane = $lane AND thread = $thread AND state = 'sent'
  ORDER BY seq LIMIT 1`

export const JOB: Readonly<Record<JobKind, string>> = { post: DELIVERY, edit: EDIT }

/**
 * $lanes: a JSON list of lanes, or `"all"`. Readers of a lane see delivered posts, the sender sees
 * all of their own.
 */
const VISIBLE = `($lanes = '"all"' OR p.person = $name
  OR (p.state = 'sent' AND p.lane IN (SELECT value FROM json_each($lanes))))`

/** With the newest content that the sender asked for, even if the service does not show it yet. */
const SHOWN = `
  SELECT p.*, s.thread, s.accepted, coalesce(c.source, b.source, s.source) AS source, coalesce(c.blocks, b.blocks, s.blocks) AS shown,
    coalesce(c.owner, b.owner, p.submission) AS files
  FROM post p JOIN submission s ON s.id = p.submission
    LEFT JOIN content b ON b.owner = 'base:' || p.id LEFT JOIN content c ON c.owner = 'edit:' || p.id`

export const READ_ONE = `${SHOWN} WHERE p.id = $id AND ${VISIBLE}`
/**
 * The last change of each post after the cursor, up to an event; posts that are gone are included.
 * A reader who was away for long reads one stretch of events after another.
 */
export const READ_CHANGES = `
  SELECT max(e.seq) AS cursor, e.post AS id FROM event e
  WHERE e.seq > $after AND e.seq <= $after + $stretch
    AND ($lanes = '"all"' OR e.person = $name OR e.lane IN (SELECT value FROM json_each($lanes)))
  GROUP BY e.post ORDER BY cursor LIMIT $limit`
export const FIRST_EVENT = 'SELECT min(seq) AS seq FROM event'
export const NEXT_EVENT = 'SELECT min(seq) AS seq FROM event WHERE seq > $after'
export const LAST_EVENT = 'SELECT coalesce(max(seq), 0) AS cursor FROM event'
/** This runs at every post, so it counts nothing itself. */
export const WAITING = `SELECT sum(n) AS n FROM tally WHERE name IN ('open posts', 'open edits')`
export const COUNTS = `
  SELECT (SELECT sum(n) FROM tally WHERE name IN ('open posts', 'open edits')) AS waiting,
    (SELECT n FROM tally WHERE name = 'dead posts') AS dead,
    (SELECT s.accepted FROM post p JOIN submission s ON s.id = p.submission
     WHERE p.seq = (SELECT min(seq) FROM post WHERE ${OPEN})) AS oldest`
/** Posts whose services have had them since before `$before`, from a place on, oldest first. */
export const SETTLED = `
  SELECT seq, settled, id, submission, NOT EXISTS (SELECT 1 FROM edit e WHERE e.post = p.id AND e.${OPEN}) AS isFinished
  FROM post p WHERE state = 'sent' AND kept = 1 AND (settled, seq) > ($settled, $seq) AND settled < $before
  ORDER BY settled, seq LIMIT $limit`
/** Where the content of a post's delivery is. */
export const BASE_OF = `
  SELECT coalesce((SELECT owner FROM content WHERE owner = 'base:' || $id), (SELECT submission FROM post WHERE id = $id)) AS owner`
/** Submissions from a place on, oldest first, with whether all of their posts are finished. */
export const OLD_SUBMISSIONS = `
  SELECT id, accepted, rowid AS n, NOT EXISTS (SELECT 1 FROM post p LEFT JOIN edit e ON e.post = p.id
    WHERE p.submission = s.id AND (p.${OPEN} OR e.${OPEN})) AS isFinished
  FROM submission s WHERE (accepted, rowid) > ($accepted, $n) AND accepted < $before ORDER BY accepted, rowid LIMIT $limit`
export const IS_OPEN = `
  SELECT 1 FROM post WHERE id = $id AND ${OPEN} UNION ALL SELECT 1 FROM edit WHERE post = $id AND ${OPEN} LIMIT 1`
/** $posts: a JSON list of ids. */
export const FORGOTTEN = `
  SELECT value AS id FROM json_each($posts) j WHERE NOT EXISTS (SELECT 1 FROM post p WHERE p.id = j.value)`
