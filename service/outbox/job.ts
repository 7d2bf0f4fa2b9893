// What the worker does next. There are two kinds of work: posts to deliver, and changes of posts
// that were delivered.
import type { Destination } from '../chat/chat.ts'
import { queueOf } from './kind.ts'
import type { Job, Kind } from './kind.ts'
import type { Claim, EditClaim, Outbox } from './outbox.ts'

/**
 * A change that is due goes before posts, because it was asked for before them. Work that must be
 * done alone goes before everything else.
 *
 * @param idle - Whether the worker is doing nothing else.
 */
export async function nextJob(
  outbox: Outbox,
  leaseMs: number,
  idle: boolean,
): Promise<Job | undefined> {
  const queues = [queueOf(changing(outbox)), queueOf(delivering(outbox))]
  const which = queues.some((queue) => queue.hasSuspect()) ? 'suspects' : 'others'
  if (which === 'suspects' && !idle) return undefined
  for (const queue of queues) {
    const job = await queue.next(leaseMs, which)
    if (job) return job
  }
  // The suspects were given up meanwhile, or withdrawn.
  return which === 'suspects' ? nextJob(outbox, leaseMs, idle) : undefined
}

function delivering(outbox: Outbox): Kind<Claim> {
  return {
    leases: outbox.leases,
    since: ({ acceptedAt }) => acceptedAt,
    async run(claim, service, steps, signal) {
      const { destination, target, person, blocks, files, source, attempt } = claim
      if (!destination) {
        await outbox.resolved(claim, await service.resolve(target, person, signal))
        return
      }
      const post = { ...placeOf(claim, destination), blocks, files, source, attempt }
      await outbox.delivered(claim, await service.deliver(post, steps, signal))
    },
    retry: (claim, due, error) => outbox.retry(claim, due, error),
    dead: (claim, error) => outbox.dead(claim, error),
  }
}

function changing({ edits }: Outbox): Kind<EditClaim> {
  return {
    leases: edits.leases,
    since: ({ askedAt }) => askedAt,
    async run(claim, service, steps, signal) {
      const { content, destination, version, delivered, deliveredFiles } = claim
      const { blocks, files, source } = content ?? { blocks: [], files: [], source: {} }
      const changed = { blocks, files, source, version, delivered, deliveredFiles }
      const edit = { ...placeOf(claim, destination), ...changed }
      if (content) {
        const written = await service.edit(edit, steps, signal)
        await edits.written(claim, written, service.capabilities().minEditGapMs)
      } else {
        await service.remove(edit, steps, signal)
        await edits.removed(claim)
      }
    },
    retry: (claim, due, error) => edits.retry(claim, due, error),
    dead: (claim, error) => edits.dead(claim, error),
  }
}

/** What a chat needs to know about a post besides its content. */
function placeOf({ id, person, acceptedAt, thread }: Claim | EditClaim, destination: Destination) {
  return { id, person, destination, acceptedAt: new Date(acceptedAt).toISOString(), thread }
}
