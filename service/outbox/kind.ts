// A kind of work, posts or edits, and how a claim becomes a job: the worker need not know which
// kind it is.
import type { ChatService, Checkpoint } from '../chat/chat.ts'
import type { Leased, Leasing } from './outbox.ts'

/** One piece of work: how to do it, and how to record its result. */
export interface Job {
  /** The post's. */
  id: string
  service: string
  /** From 1. */
  attempt: number
  /**
   * The relay died twice while it did this. Nothing else is done at the same time, so that a third
   * death is known to be caused by it.
   */
  alone: boolean
  /** When it was asked for, in ms since 1970: it is given up a day later. */
  since: number
  /** Does it and records the success. @throws {ChatError} */
  run(service: ChatService, signal: AbortSignal): Promise<void>
  renew(leaseMs: number): Promise<void>
  retry(due: number, error: string): Promise<void>
  dead(error: string): Promise<void>
  release(): Promise<void>
}

/** What claims of every kind have in common. */
export interface Work extends Leased {
  service: string
  attempt: number
  step: Record<string, unknown> | undefined
}

export interface Kind<C extends Work> {
  leases: Leasing
  /** When it was asked for, in ms since 1970. */
  since(claim: C): number
  /** Does it and records the success. @throws {ChatError} */
  run(claim: C, service: ChatService, steps: Checkpoint, signal: AbortSignal): Promise<void>
  retry(claim: C, due: number, error: string): Promise<void>
  dead(claim: C, error: string): Promise<void>
}

export function jobOf<C extends Work>(kind: Kind<C>, claim: C, alone: boolean): Job {
  const { leases } = kind
  const { id, service, attempt } = claim
  return {
    id,
    service,
    attempt,
    alone,
    since: kind.since(claim),
    run: (chat, signal) => kind.run(claim, chat, checkpoint(leases, claim), signal),
    renew: (leaseMs) => leases.renew(claim, leaseMs),
    retry: (due, error) => kind.retry(claim, due, error),
    dead: (error) => kind.dead(claim, error),
    release: () => leases.release(claim),
  }
}

function checkpoint(leases: Leasing, claim: Work): Checkpoint {
  let { step } = claim
  return {
    read: () => step,
    async write(next) {
      await leases.step(claim, next)
      step = next
    },
  }
}
