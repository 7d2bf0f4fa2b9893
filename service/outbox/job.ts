// One piece of the worker's work, a delivery or a change of a delivered post, in one form: what is done, and how its end is recorded.
import type { ChatService, Checkpoint } from '../chat/chat.ts'
import type { Claim, EditClaim, Outbox } from './outbox.ts'

export interface Job {
  /** Of the post. */
  id: string
  service: string
  /** From 1. */
  attempt: number
  /** The relay died at it twice: nothing else is done meanwhile, so that its third death is known to be this one's. */
  alone: boolean
  /** Milliseconds since 1970: it is given up a day after. */
  since: number
  /** Does it and records that it is done. @throws {ChatError} */
  run(service: ChatService, signal: AbortSignal): Promise<void>
  renew(leaseMs: number): Promise<void>
  retry(due: number, error: string): Promise<void>
  dead(error: string): Promise<void>
  release(): Promise<void>
}

/**
 * A change that is due goes before posts: it was asked for earlier than those that do not wait for it. What has to be done alone goes before
 * all others.
 *
 * @param idle - Nothing else is being done.
 */
export async function nextJob(
  outbox: Outbox,
  leaseMs: number,
  idle: boolean,
): Promise<Job | undefined> {
  const which = outbox.hasSuspect() ? 'suspects' : 'others'
  if (which === 'suspects' && !idle) return undefined
  const edit = await outbox.edits.claim(leaseMs, which)
  if (edit) return editJob(outbox, edit, which === 'suspects')
  const claim = await outbox.claim(leaseMs, which)
  if (claim) return postJob(outbox, claim, which === 'suspects')
  // The suspects were given up, or were taken back meanwhile.
  return which === 'suspects' ? nextJob(outbox, leaseMs, idle) : undefined
}

function postJob(outbox: Outbox, claim: Claim, alone: boolean): Job {
  return {
    alone,
    id: claim.id,
    service: claim.service,
    attempt: claim.attempt,
    since: claim.acceptedAt,
    async run(service, signal) {
      if (claim.destination) await deliver(outbox, claim, service, signal)
      else await outbox.resolved(claim, await service.resolve(claim.target, claim.person, signal))
    },
    renew: (leaseMs) => outbox.renew(claim, leaseMs),
    retry: (due, error) => outbox.retry(claim, due, error),
    dead: (error) => outbox.dead(claim, error),
    release: () => outbox.release(claim),
  }
}

async function deliver(
  outbox: Outbox,
  claim: Claim,
  service: ChatService,
  signal: AbortSignal,
): Promise<void> {
  if (!claim.destination) return
  const steps = checkpoint(claim.step, (step) => outbox.step(claim, step))
  const delivery = {
    id: claim.id,
    person: claim.person,
    destination: claim.destination,
    blocks: claim.blocks,
    files: claim.files,
    source: claim.source,
    acceptedAt: new Date(claim.acceptedAt).toISOString(),
    attempt: claim.attempt,
    thread: claim.thread,
  }
  await outbox.delivered(claim, await service.deliver(delivery, steps, signal))
}

function editJob({ edits }: Outbox, claim: EditClaim, alone: boolean): Job {
  return {
    alone,
    id: claim.id,
    service: claim.service,
    attempt: claim.attempt,
    since: claim.askedAt,
    async run(service, signal) {
      const steps = checkpoint(claim.step, (step) => edits.step(claim, step))
      const { content } = claim
      const edit = {
        id: claim.id,
        person: claim.person,
        destination: claim.destination,
        blocks: content?.blocks ?? [],
        files: content?.files ?? [],
        source: content?.source ?? {},
        acceptedAt: new Date(claim.acceptedAt).toISOString(),
        thread: claim.thread,
        version: claim.version,
        delivered: claim.delivered,
        deliveredFiles: claim.deliveredFiles,
      }
      if (content) {
        const delivered = await service.edit(edit, steps, signal)
        await edits.written(claim, delivered, service.capabilities().minEditGapMs)
      } else {
        await service.remove(edit, steps, signal)
        await edits.removed(claim)
      }
    },
    renew: (leaseMs) => edits.renew(claim, leaseMs),
    retry: (due, error) => edits.retry(claim, due, error),
    dead: (error) => edits.failed(claim, error),
    release: () => edits.release(claim),
  }
}

function checkpoint(
  first: Record<string, unknown> | undefined,
  write: (step: Record<string, unknown>) => Promise<void>,
): Checkpoint {
  let step = first
  return {
    read: () => step,
    async write(next) {
      await write(next)
      step = next
    },
  }
}
