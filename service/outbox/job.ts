// What the worker does next. There are two kinds of work: posts to deliver, and changes of posts
// that were delivered.
import type { Destination } from '../chat/chat.ts'
import { jobOf } from './kind.ts'
import type { Job, Kind } from './kind.ts'
import type { Claim, Claimed, EditClaim, Outbox } from './outbox.ts'

export interface NextJobOptions {
  service: string
  leaseMs: number
  /** Whether the worker is doing nothing else. */
  idle: boolean
}

/** Work that must be done alone goes before everything else. */
export async function nextJob(
  outbox: Outbox,
  { service, leaseMs, idle }: NextJobOptions,
): Promise<Job | undefined> {
  if (!outbox.hasSuspect(service)) return claimed(outbox, await outbox.claim({ service, leaseMs }))
  if (!idle) return undefined
  const suspect = await outbox.claim({ service, leaseMs, which: 'suspects' })
  // If there is none, it was given up meanwhile, or withdrawn.
  return suspect ? claimed(outbox, suspect, true) : nextJob(outbox, { service, leaseMs, idle })
}

function claimed(outbox: Outbox, claim: Claimed | undefined, alone = false): Job | undefined {
  if (!claim) return undefined
  return claim.kind === 'edit'
    ? jobOf(changing(outbox), claim, alone)
    : jobOf(delivering(outbox), claim, alone)
}

function delivering(outbox: Outbox): Kind<Claim> {
  return {
    leases: outbox.leases,
    since: ({ acceptedAt }) => acceptedAt,
    async run(claim, service, steps, signal) {
      const { destination, target, person, blocks, files, source, attempt, isDoubtful } = claim
      if (!destination) {
        await outbox.resolved(claim, await service.resolve(target, person, signal))
        return
      }
      const post = {
        ...placeOf(claim, destination),
        blocks,
        files,
        source,
        attempt,
        ...(isDoubtful && { isDoubtful }),
      }
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
