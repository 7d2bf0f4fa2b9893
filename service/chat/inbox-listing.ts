// The messages of the inbox that somebody reads, newest first, all or those of one sender.
import { merged, NEWEST } from '../storage/place.ts'
import type { Found, Place } from '../storage/place.ts'
import type { Database } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'

export const INBOX_LISTING: Steps = {
  5: `
  DROP INDEX inbox_message_lane;
  CREATE INDEX inbox_message_accepted ON inbox_message (accepted, id);
  CREATE INDEX inbox_message_lane ON inbox_message (lane, accepted, id);
  CREATE INDEX inbox_message_lane_sender ON inbox_message (lane, sender, accepted, id);
  CREATE INDEX inbox_message_of_sender ON inbox_message (sender, accepted, id);
`,
}

const ROWS = (where: string) => `
  SELECT accepted, id FROM inbox_message WHERE ${where}(accepted, id) < ($accepted, $id)
  ORDER BY accepted DESC, id DESC LIMIT $limit`
const ALL = ROWS('')
const OF_SENDER = ROWS('sender = $sender AND ')
const OF_LANE = ROWS('lane = $lane AND ')
const OF_BOTH = ROWS('lane = $lane AND sender = $sender AND ')

export interface InboxListing {
  limit: number
  /** Lists what comes after this place, which is older. */
  after?: Place | undefined
  sender?: string | undefined
}

export function listInbox(
  db: Database,
  lanes: readonly string[] | 'all',
  { limit, after = NEWEST, sender }: InboxListing,
): Found {
  const at = { $accepted: new Date(after.accepted).toISOString(), $id: after.id, $limit: limit }
  const found = (sql: string, values: Record<string, string>): Found => {
    const places = db.all(sql, { ...at, ...values }).map((row) => {
      return { accepted: Date.parse(String(row.accepted)), id: String(row.id) }
    })
    return { places, end: places.length < limit ? undefined : places.at(-1) }
  }
  if (lanes === 'all')
    return sender === undefined ? found(ALL, {}) : found(OF_SENDER, { $sender: sender })
  return merged(
    lanes.map((lane) =>
      sender === undefined
        ? found(OF_LANE, { $lane: lane })
        : found(OF_BOTH, { $lane: lane, $sender: sender }),
    ),
    limit,
  )
}
