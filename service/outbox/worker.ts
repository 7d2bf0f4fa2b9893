// Works off the outbox: claims the next job (a delivery or a change) of a lane that is free, lets
// the chat adapter do it and records the result. Each service has slots of its own, so one that
// hangs holds up no other. No other place of the relay retries a delivery.
import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from '../../post/contract/error.ts'
import type { ChatService } from '../chat/chat.ts'
import { closingTime } from '../closing.ts'
import { ChatError } from '../errors.ts'
import { deadlineOf } from './deadline.ts'
import { handBack } from './hand-back.ts'
import { nextJob } from './job.ts'
import type { Job } from './kind.ts'
import { LeaseLost } from './lease.ts'
import type { Outbox } from './outbox.ts'
import { retryDelay } from './retry.ts'
import { ServiceSlots } from './service-slots.ts'
import { isUnstored } from '../storage/unstored.ts'

/** Jobs at the same time at one service, unless the admin says otherwise. */
const SLOTS = 8
/** A lease lasts this long. It is renewed after a third of it; a worker that hangs loses it. */
const LEASE_MS = 90_000
/** A delivery that takes longer is cut off and tried again. */
const DELIVERY_MS = 10 * 60_000
/** Attempts at a post for which the relay itself fails, not the chat. */
const MOST_BUG_ATTEMPTS = 5
/** Looks at least this often. */
const LONGEST_SLEEP_MS = 60_000
/** Wait after a failure of the database. */
const FAILED_MS = 5000
/** A job is alone for this long at most, so that a slow chat holds up nobody else. */
const ALONE_MS = 30_000

export interface WorkerLog {
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

export interface WorkerDeps {
  outbox: Outbox
  services: ReadonlyMap<string, ChatService>
  log: WorkerLog
  /** Milliseconds since 1970, for the age of a post. */
  now: () => number
  /** The clock of the outbox's due times; `now` if left out. */
  monotonic?: () => number
  random: () => number
  /** How long a job is tried, in ms. Then it is dead: its lane goes on, its sender is told. */
  tryMs: number
  /** Name of a service -> jobs at the same time. */
  slots?: ReadonlyMap<string, number>
}

export class Worker {
  readonly #deps: WorkerDeps
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  readonly #unsubscribe: () => void
  readonly #services = new Map<string, ServiceSlots>()
  #timer: NodeJS.Timeout | undefined
  /** Set while a job is done alone. */
  #alone: NodeJS.Timeout | undefined
  #filling: Promise<void> | undefined
  #again = false
  #stopping = false

  constructor(deps: WorkerDeps) {
    this.#deps = deps
    // Posts for a service that is no longer configured must be refused.
    for (const name of new Set([...deps.services.keys(), ...deps.outbox.services()])) {
      this.#services.set(name, new ServiceSlots(deps.slots?.get(name) ?? SLOTS))
    }
    this.#unsubscribe = deps.outbox.onChange(() => this.wake())
  }

  #monotonic(): number {
    return (this.#deps.monotonic ?? this.#deps.now)()
  }

  /** Looks for due work now. Never throws: an error is logged, and the worker looks again later. */
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

  /** Lets deliveries go on until the deadline, then cuts them off and returns their leases. */
  async stop(deadline = closingTime()): Promise<void> {
    this.#unsubscribe()
    clearTimeout(this.#timer)
    this.#stopping = true
    await this.#filling
    clearTimeout(this.#timer)
    const cut = () => this.#stop.abort()
    if (deadline.aborted) cut()
    else deadline.addEventListener('abort', cut)
    await Promise.allSettled(this.#running)
    deadline.removeEventListener('abort', cut)
    cut()
  }

  async #fill(): Promise<void> {
    while (this.#again && !this.#stopping) {
      this.#again = false
      while (await this.#startNext());
    }
    this.#wakeWhenDue()
  }

  /**
   * Claims as many jobs as slots are free, at the same time: so one commit does for all of them.
   * @returns Whether there was one.
   */
  async #startNext(): Promise<boolean> {
    if (this.#alone || this.#stopping) return false
    const idle = this.#running.size === 0
    const now = this.#monotonic()
    const { outbox } = this.#deps
    const free = [...this.#services].flatMap(([service, slots]) =>
      Array.from({ length: slots.free(now) }, () => service),
    )
    const suspect = free.find((service) => outbox.hasSuspect(service))
    // It must be done alone, so nothing else begins.
    const claims = (suspect === undefined ? free : [suspect]).map((service) =>
      nextJob(outbox, { service, leaseMs: LEASE_MS, idle }),
    )
    const ends = await Promise.allSettled(claims)
    const jobs = ends.flatMap((end) => (end.status === 'fulfilled' && end.value ? end.value : []))
    for (const job of jobs) this.#start(job)
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return jobs.length > 0
  }

  #start(job: Job): void {
    const slots = this.#services.get(job.service)
    if (slots) slots.running += 1
    if (job.alone) this.#alone = setTimeout(() => this.#endAlone(), ALONE_MS).unref()
    const run = this.#handle(job)
      .catch((error: unknown) => this.#unrecorded(job, error))
      .finally(() => {
        this.#running.delete(run)
        if (slots) slots.running -= 1
        if (job.alone) this.#endAlone()
        this.wake()
      })
    this.#running.add(run)
  }

  #endAlone(): void {
    clearTimeout(this.#alone)
    this.#alone = undefined
    this.wake()
  }

  #wakeWhenDue(): void {
    if (this.#stopping) return
    const now = this.#monotonic()
    const pauses = [...this.#services.values()].map((slots) => slots.pausedUntil(now))
    const times = [this.#deps.outbox.nextDue(), ...pauses].filter((time) => time !== undefined)
    if (times.length === 0) return
    const soonest = Math.min(...times.filter((time) => time > now), now + LONGEST_SLEEP_MS)
    this.#wakeIn(soonest - now)
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.wake(), ms)
    this.#timer.unref()
  }

  async #handle(job: Job): Promise<void> {
    const service = this.#deps.services.get(job.service)
    if (!service) {
      await job.dead(`The relay is not configured for ${job.service} any more`)
      return
    }
    const ended = new AbortController()
    const renewing = this.#renew(job, ended.signal)
    using time = deadlineOf(DELIVERY_MS, this.#stop.signal)
    try {
      await job.run(service, time.signal)
      this.#services.get(job.service)?.answered(this.#monotonic())
    } catch (error) {
      await this.#recordFailure(job, error)
    } finally {
      ended.abort()
      await renewing
    }
  }

  async #recordFailure(job: Job, error: unknown): Promise<void> {
    const { now, random, tryMs } = this.#deps
    // A post is not to blame for a full disk.
    if (error instanceof LeaseLost || isUnstored(error)) throw error
    if (this.#stop.signal.aborted) {
      await job.release()
      return
    }
    const chat = error instanceof ChatError ? error : undefined
    const message = chat?.message ?? `The relay failed: ${messageOf(error)}`
    if (!chat) this.#failed('A delivery failed in the relay', error, job)
    const slots = this.#services.get(job.service)
    const pause = (chat && slots?.failed(chat, this.#monotonic(), random())) ?? 0
    // Longer than the pause: if it is this job that makes the service fail, others go first then.
    const wait = Math.max(pause, retryDelay(job.attempt, random(), chat?.retryAfterMs))
    const again = chat ? chat.retryable : job.attempt < MOST_BUG_ATTEMPTS
    // If the time is in the future, the clock was set back since: treat the post as new.
    const age = Math.max(0, now() - job.since)
    if (again && age + wait < tryMs) await job.retry(this.#monotonic() + wait, message)
    else await job.dead(again ? `Given up after ${inWords(tryMs)}: ${message}` : message)
  }

  async #unrecorded(job: Job, error: unknown): Promise<void> {
    this.#failed('Cannot record a delivery', error, job)
    await handBack(job, error, this.#stop.signal)
  }

  /** Renews the lease until the job ends. If that fails, recording the result will fail too. */
  async #renew(job: Job, ended: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await delay(LEASE_MS / 3, undefined, { signal: ended, ref: false })
        await job.renew(LEASE_MS)
      }
    } catch (error) {
      if (!ended.aborted) this.#failed('Cannot renew a lease', error, job)
    }
  }

  #failed(what: string, error: unknown, job?: Job): void {
    this.#deps.log.error({ post: job?.id, error: messageOf(error) }, what)
  }
}

function inWords(ms: number): string {
  const hours = Math.round(ms / 3_600_000)
  return hours > 24 ? `${Math.round(hours / 24)} days` : `${hours} hours`
}
