// The posts that one person sent, newest first, all or those to a target or in a state: whatever is
// asked and however many there are, an index leads to the first of them.
import type { PostStatus } from '../../post/contract/schema.ts'
import { merged, NEWEST } from '../storage/place.ts'
import type { Found, Place } from '../storage/place.ts'
import type { Database, Row } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'

/** Of posts that were not delivered, as `rows.ts` tells it: an index has the same expression. */
const STATUS = `CASE WHEN state IN ('unknown', 'dead') THEN state
  WHEN state = 'retry' OR attempts > 1 THEN 'retrying' ELSE 'queued' END`
const UNDELIVERED: readonly PostStatus[] = ['queued', 'retrying', 'unknown', 'dead']

export const LISTING: Steps = {
  5: `
  ALTER TABLE post ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0; -- the submission's, for its indexes
  UPDATE post SET accepted = (SELECT accepted FROM submission s WHERE s.id = post.submission);
  DROP INDEX post_person;
  DROP INDEX post_sent_lane;
  CREATE INDEX post_delivered ON post (person, accepted, id) WHERE state = 'sent';
  CREATE INDEX post_undelivered ON post (person, ${STATUS}, accepted, id) WHERE state <> 'sent';
  CREATE INDEX post_target ON post (person, target, accepted, id);
`,
}

const ROWS = (where: string) => `
  SELECT accepted, id, service, target, CASE state WHEN 'sent' THEN 'delivered' ELSE ${STATUS} END AS status
  FROM post WHERE person = $person AND ${where} AND (accepted, id) < ($accepted, $id)
  ORDER BY accepted DESC, id DESC LIMIT $limit`
const DELIVERED = ROWS(`state = 'sent'`)
const IN_STATE = ROWS(`state <> 'sent' AND ${STATUS} = $status`)
const TO_TARGET = ROWS('target = $target')

/** Rows that one request reads at most of a source, if two conditions hold for them. */
const STRETCH = 2000

export interface Listing {
  limit: number
  /** Lists what comes after this place, which is older. */
  after?: Place | undefined
  state?: PostStatus | undefined
  /** Targets as they are stored, and the service they are at. */
  targets?: readonly string[] | undefined
  service?: string | undefined
}

export function listOwn(db: Database, person: string, listing: Listing): Found {
  const { limit, after = NEWEST, state, targets, service } = listing
  const isFiltered = service !== undefined || (targets !== undefined && state !== undefined)
  const most = isFiltered ? Math.max(limit, STRETCH) : limit
  const at = { $person: person, $accepted: after.accepted, $id: after.id, $limit: most }
  const found = (rows: Row[]): Found => ({
    places: rows
      .filter((row) => state === undefined || row.status === state)
      .filter((row) => service === undefined || row.service === service)
      .filter((row) => targets === undefined || targets.includes(String(row.target)))
      .map(placeOf),
    end: rows.length < most ? undefined : rows.map(placeOf).at(-1),
  })
  // Most posts to a target were delivered, and few of those in another state are to it.
  if (targets && (state === undefined || state === 'delivered'))
    return merged(
      targets.map((target) => found(db.all(TO_TARGET, { ...at, $target: target }))),
      limit,
    )
  const states = state === undefined ? ['delivered', ...UNDELIVERED] : [state]
  return merged(
    states.map((status) =>
      found(
        status === 'delivered'
          ? db.all(DELIVERED, at)
          : db.all(IN_STATE, { ...at, $status: status }),
      ),
    ),
    limit,
  )
}

function placeOf(row: Row): Place {
  return { accepted: Number(row.accepted), id: String(row.id) }
}
