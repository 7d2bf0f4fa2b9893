// Once an hour, forgets what was kept long enough.
import { messageOf } from '../post/contract/error.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { Stores } from './stores.ts'

/** Finished posts, their events and idempotency keys are kept this long (docs/spec.md 4.2). */
const KEEP_MS = 30 * 24 * 60 * 60_000
const PRUNE_EVERY_MS = 60 * 60_000

export interface PruningDeps {
  stores: Pick<Stores, 'outbox' | 'shown' | 'questions' | 'inbox'>
  /** How long and how much the inbox and the audit trail keep. */
  kept: Pick<Config, 'inbox' | 'audit'>
  log: Log
  now: () => number
}

/** Begins at once. `stop` resolves when nothing is being forgotten any more. */
export function startPruning({ stores, kept, log, now }: PruningDeps): {
  stop(): Promise<void>
} {
  const { outbox, shown, questions, inbox } = stores
  const all = async () => {
    await outbox.prune(now() - KEEP_MS)
    await questions.prune(now() - KEEP_MS)
    await shown.prune((posts) => outbox.forgotten(posts))
    await inbox.prune(now() - kept.inbox.keepMs, kept.inbox.bytes)
    await outbox.audit.prune(now() - kept.audit.keepMs, kept.audit.rows)
  }
  const run = () =>
    all().catch((error: unknown) => {
      log.error({ error: messageOf(error) }, 'cannot prune')
    })
  let running = run()
  const timer = setInterval(() => {
    running = run()
  }, PRUNE_EVERY_MS).unref()
  const stop = () => {
    clearInterval(timer)
    return running
  }
  return { stop }
}
