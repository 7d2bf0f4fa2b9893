// A kind of the worker's work, posts or edits, and how a claim of it becomes a job: the worker does
// not know which kind it does.
import type { ChatService, Checkpoint } from '../chat/chat.ts'
import type { Leased, Leasing, Suspicion } from './outbox.ts'

/** One piece of the worker's work: what is done, and how its end is recorded. */
export interface Job {
  /** Of the post. */
  id: string
  service: string
  /** From 1. */
  attempt: number
  /**
   * The relay died at it twice: nothing else is done meanwhile, so that its third death is known to
   * be this one's.
   */
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

/** What every kind's claims tell. */
export interface Work extends Leased {
  service: string
  attempt: number
  step: Record<string, unknown> | undefined
}

export interface Kind<C extends Work> {
  leases: Leasing<C>
  /** When it was asked for. */
  since(claim: C): number
  /** Does it and records that it is done. @throws {ChatError} */
  run(claim: C, service: ChatService, steps: Checkpoint, signal: AbortSignal): Promise<void>
  retry(claim: C, due: number, error: string): Promise<void>
  dead(claim: C, error: string): Promise<void>
}

/** A kind as those see it who ask for jobs of any. */
export interface Queue {
  hasSuspect(): boolean
  next(leaseMs: number, which: Suspicion): Promise<Job | undefined>
}

export function queueOf<C extends Work>(kind: Kind<C>): Queue {
  return {
    hasSuspect: () => kind.leases.hasSuspect(),
    async next(leaseMs, which) {
      const claim = await kind.leases.claim(leaseMs, which)
      return claim && jobOf(kind, claim, which === 'suspects')
    },
  }
}

function jobOf<C extends Work>(kind: Kind<C>, claim: C, alone: boolean): Job {
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

function checkpoint<C extends Work>(leases: Leasing<C>, claim: C): Checkpoint {
  let { step } = claim
  return {
    read: () => step,
    async write(next) {
      await leases.step(claim, next)
      step = next
    },
  }
}
