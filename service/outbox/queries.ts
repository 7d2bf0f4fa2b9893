// The SQL by which the outbox's worker and its readers ask its tables.
import type { Suspicion } from './outbox.ts'
import { OPEN } from './tables.ts'

/** A row at which the relay died twice is worked on alone: a third death must hit nothing else. */
const isOf = (table: string, which: Suspicion) =>
  `${table}.deaths ${which === 'suspects' ? '>' : '<='} 1`

/** Only one post or edit of a lane is worked on at a time. */
const NO_EDIT_IN_LANE = `NOT EXISTS (SELECT 1 FROM edit l JOIN post q ON q.id = l.post
      WHERE l.state = 'leased' AND l.due_at > $now AND q.lane = p.lane)`

/**
 * A post is claimed if it is due (or its lease ended) and all posts before it in its lane are
 * finished: lanes never wait for each other, and posts of a lane keep their order.
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
 * An edit is claimed once its post is delivered, and after all posts of the lane that were accepted
 * before the edit. Later posts wait only while it is leased: waiting for the gap between two edits
 * would hold up the lane. CROSS JOIN makes SQLite read the few open edits first.
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
export const NEWEST = `
  SELECT p.id, s.accepted FROM post p JOIN submission s ON s.id = p.submission
  WHERE ${VISIBLE} ORDER BY p.seq DESC LIMIT $limit`
/** The last change of each post after the cursor; posts that are gone are included. */
export const READ_CHANGES = `
  SELECT max(e.seq) AS cursor, e.post AS id FROM event e
  WHERE e.seq > $after AND ($lanes = '"all"' OR e.person = $name OR e.lane IN (SELECT value FROM json_each($lanes)))
  GROUP BY e.post ORDER BY cursor LIMIT $limit`
export const NEXT_DUE = `
  SELECT min(due) AS due FROM (SELECT min(due_at) AS due FROM post WHERE ${OPEN}
    UNION ALL SELECT min(e.due_at) FROM edit e JOIN post p ON p.id = e.post WHERE e.${OPEN} AND p.state = 'sent')`
/** Each number comes from a partial index: this runs at every post, and most posts are finished. */
export const COUNTS = `
  SELECT (SELECT count(*) FROM post WHERE ${OPEN}) + (SELECT count(*) FROM edit WHERE ${OPEN}) AS waiting,
    (SELECT count(*) FROM post WHERE state = 'dead') AS dead,
    (SELECT s.accepted FROM post p JOIN submission s ON s.id = p.submission
     WHERE p.seq = (SELECT min(seq) FROM post WHERE ${OPEN})) AS oldest`
export const STALE = `
  SELECT id FROM submission s WHERE s.accepted < $before
    AND NOT EXISTS (SELECT 1 FROM post p LEFT JOIN edit e ON e.post = p.id WHERE p.submission = s.id AND (p.${OPEN} OR e.${OPEN}))`
/** $posts: a JSON list of ids. */
export const FORGOTTEN = `
  SELECT value AS id FROM json_each($posts) WHERE value NOT IN (SELECT id FROM post)`
