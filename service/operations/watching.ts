// What the admin of a relay sees of it: numbers, and what was refused.
import type { HubCheck } from '../hub/hub-gate.ts'
import type { Log } from '../log.ts'
import type { SqliteOutbox } from '../outbox/store.ts'
import type { Database } from '../storage/database.ts'
import { Metrics } from './metrics.ts'
import { Refusals } from './refusals.ts'

export interface Watching {
  metrics: Metrics
  refusals: Refusals
  checked: HubCheck
}

export interface WatchingDeps {
  db: Database
  outbox: SqliteOutbox
  log: Log
  /** How many event streams are open. */
  streams: () => number
}

export function watching({ db, outbox, log, streams }: WatchingDeps): Watching {
  const metrics = new Metrics({
    counts: () => outbox.counts(),
    lanes: () => outbox.laneCount.read(),
    streams,
  })
  const { audit } = outbox
  const refusals = new Refusals({ db, audit, metrics, log })
  return { metrics, refusals, checked: (end, ms) => metrics.checked(end, ms) }
}
