// Delivers what is in the outbox: claims the oldest due post of a free lane, lets its chat adapter deliver it, records what became of it.
// The only place in the relay that tries again.
import { setTimeout as delay } from 'node:timers/promises'

import type { ChatService } from '../chat/chat.ts'
import { ChatError } from '../errors.ts'
import type { Claim, Outbox } from './outbox.ts'
import { retryDelay } from './retry.ts'
import { LeaseLost } from './store.ts'

/** Lanes delivered side by side. */
const MOST_AT_ONCE = 8
/** A lease is renewed at a third of it; a worker that hangs loses its post after it. */
const LEASE_MS = 90_000
/** A delivery that takes longer is cut off and tried again. */
const DELIVERY_MS = 10 * 60_000
/** A post that no chat took for a day is dead: it frees its lane and its sender is told. */
const EXPIRY_MS = 24 * 60 * 60_000
/** Attempts of a post at which the relay itself fails; the chat has no part in these. */
const MOST_BUG_ATTEMPTS = 5
/** After a failure of the database itself. */
const FAILED_MS = 5000
/** How long deliveries may go on after `stop`. */
const GRACE_MS = 5000

export interface WorkerLog {
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

export interface WorkerDeps {
  outbox: Outbox
  services: ReadonlyMap<string, ChatService>
  log: WorkerLog
  now: () => number
  random: () => number
}

export class Worker {
  readonly #deps: WorkerDeps
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  readonly #unsubscribe: () => void
  #timer: NodeJS.Timeout | undefined
  #filling: Promise<void> | undefined
  #again = false
  #stopping = false

  constructor(deps: WorkerDeps) {
    this.#deps = deps
    this.#unsubscribe = deps.outbox.onChange(() => this.wake())
  }

  /** Looks for due posts now. Never throws: what goes wrong is logged and looked at again. */
  wake(): void {
    if (this.#stopping) return
    this.#again = true
    this.#filling ??= this.#fill()
      .catch((error: unknown) => {
        this.#failed('Cannot read the outbox', error)
        this.#wakeIn(FAILED_MS)
      })
      .finally(() => {
        this.#filling = undefined
        if (this.#again) this.wake()
      })
  }

  get idle(): boolean {
    return this.#running.size === 0
  }

  /** Lets running deliveries end for a few seconds, then cuts them off and gives their leases back. */
  async stop(): Promise<void> {
    this.#unsubscribe()
    clearTimeout(this.#timer)
    this.#stopping = true
    await this.#filling
    clearTimeout(this.#timer)
    await Promise.race([
      Promise.allSettled(this.#running),
      delay(GRACE_MS, undefined, { ref: false }),
    ])
    this.#stop.abort()
    await Promise.allSettled(this.#running)
  }

  async #fill(): Promise<void> {
    while (this.#again && !this.#stopping) {
      this.#again = false
      while (this.#running.size < MOST_AT_ONCE) {
        const claim = await this.#deps.outbox.claim(LEASE_MS)
        if (!claim) break
        this.#start(claim)
      }
    }
    this.#wakeWhenDue()
  }

  #start(claim: Claim): void {
    const run = this.#handle(claim)
      .catch((error: unknown) => this.#failed('Cannot record a delivery', error, claim))
      .finally(() => {
        this.#running.delete(run)
        this.wake()
      })
    this.#running.add(run)
  }

  #wakeWhenDue(): void {
    const due = this.#deps.outbox.nextDue()
    if (due === undefined || this.#stopping || this.#running.size >= MOST_AT_ONCE) return
    // A lane's later posts are due but not first: they are woken when the first is done, so a second is soon enough.
    this.#wakeIn(Math.min(Math.max(due - this.#deps.now(), 1000), 60_000))
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.wake(), ms)
    this.#timer.unref()
  }

  async #handle(claim: Claim): Promise<void> {
    const { outbox, services } = this.#deps
    const service = services.get(claim.service)
    if (!service) {
      await outbox.dead(claim, `The relay is not configured for ${claim.service} any more`)
      return
    }
    const ended = new AbortController()
    const renewing = this.#renew(claim, ended.signal)
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(DELIVERY_MS)])
    try {
      if (claim.destination) await this.#deliver(claim, service, signal)
      else await outbox.resolved(claim, await service.resolve(claim.target, claim.person, signal))
    } catch (error) {
      await this.#recordFailure(claim, error)
    } finally {
      ended.abort()
      await renewing
    }
  }

  async #deliver(claim: Claim, service: ChatService, signal: AbortSignal): Promise<void> {
    const { outbox } = this.#deps
    if (!claim.destination) return
    let step = claim.step
    const checkpoint = {
      read: () => step,
      write: async (next: Record<string, unknown>) => {
        await outbox.step(claim, next)
        step = next
      },
    }
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
    await outbox.delivered(claim, await service.deliver(delivery, checkpoint, signal))
  }

  async #recordFailure(claim: Claim, error: unknown): Promise<void> {
    const { outbox, now, random } = this.#deps
    if (error instanceof LeaseLost) throw error
    if (this.#stop.signal.aborted) {
      await outbox.release(claim)
      return
    }
    const chat = error instanceof ChatError ? error : undefined
    const message = chat?.message ?? `The relay failed: ${words(error)}`
    if (!chat) this.#failed('A delivery failed in the relay', error, claim)
    const due = now() + retryDelay(claim.attempt, random(), chat?.retryAfterMs)
    const again = chat ? chat.retryable : claim.attempt < MOST_BUG_ATTEMPTS
    if (again && due - claim.acceptedAt < EXPIRY_MS) await outbox.retry(claim, due, message)
    else await outbox.dead(claim, again ? `Given up after 24 hours: ${message}` : message)
  }

  /** Ends with the delivery. A lease that cannot be renewed is logged: recording the delivery will say what is wrong. */
  async #renew(claim: Claim, ended: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await delay(LEASE_MS / 3, undefined, { signal: ended, ref: false })
        await this.#deps.outbox.renew(claim, LEASE_MS)
      }
    } catch (error) {
      if (!ended.aborted) this.#failed('Cannot renew a lease', error, claim)
    }
  }

  #failed(what: string, error: unknown, claim?: Claim): void {
    this.#deps.log.error({ post: claim?.id, error: words(error) }, what)
  }
}

function words(error: unknown): string {
  return Error.isError(error) ? error.message : String(error)
}
