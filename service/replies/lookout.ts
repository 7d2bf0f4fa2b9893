// Looks for leases that are over, has the chat told once that contact was lost, and forgets what is
// a day old.
import { messageOf } from '../../post/contract/error.ts'
import { RelayError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Database } from '../storage/database.ts'
import { LeaseClock } from './lease-clock.ts'
import type { LeaseTimes } from './lease-clock.ts'
import type { SaidStore } from './said-store.ts'
import { lostPost } from './watch-posts.ts'
import { HEARD_MS } from './watch-store.ts'
import type { Watch, WatchStore } from './watch-store.ts'
import type { WatchTeller } from './watch-teller.ts'

const PRUNE_EVERY_MS = 60 * 60_000

export interface LookoutDeps {
  db: Database
  store: WatchStore
  said: SaidStore
  teller: WatchTeller
  leaseTimes: LeaseTimes
  log: Log
  now: () => number
}

export class Lookout {
  readonly #deps: LookoutDeps
  readonly #clock: LeaseClock
  /**
   * Kernels could not renew, because no relay was running or the machine slept. All leases must
   * start again before any is called lost.
   */
  #mustExtend = true
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #pruneAt = 0

  constructor(deps: LookoutDeps) {
    this.#deps = deps
    this.#clock = new LeaseClock(deps.leaseTimes, deps.now())
  }

  /** Gives every watch a whole lease from now on, or as soon as this can be stored. */
  async start(): Promise<void> {
    await this.look()
    this.#timer = setInterval(() => void this.look(), this.#deps.leaseTimes.lookMs).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  /** Never throws: an error is logged, and the next look tries again. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#failed('cannot look at watches', error))
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  async #look(): Promise<void> {
    const now = this.#deps.now()
    if (!this.#clock.isSteady(now)) this.#mustExtend = true
    if (this.#mustExtend) return this.#extendAll(now)
    for (const watch of this.#deps.store.overdue(now)) {
      await this.#lost(watch).catch((error: unknown) => this.#notTold(error))
    }
    if (now < this.#pruneAt) return
    this.#pruneAt = now + PRUNE_EVERY_MS
    await this.#prune(now - HEARD_MS)
  }

  async #extendAll(now: number): Promise<void> {
    const { db, store, leaseTimes } = this.#deps
    await db.write(() => store.extendAll(now + leaseTimes.ms))
    this.#mustExtend = false
  }

  async #lost(watch: Watch): Promise<void> {
    const { teller, store, leaseTimes, now } = this.#deps
    const post = lostPost(watch, teller.goals(watch), leaseTimes.ms)
    await teller.spend(watch, post)
    await teller.tell(watch, post, () => store.lose(watch.id, now()))
    await teller.touch(store.posts(watch.id))
  }

  async #prune(before: number): Promise<void> {
    const { db, store, said } = this.#deps
    await db.write(() => {
      store.prune(before)
      said.prune(before)
    })
  }

  #notTold(error: unknown): void {
    // A person who has posted too much is told as soon as they may post again. This is no failure.
    if (error instanceof RelayError && error.code === 'too_many') return
    this.#failed('cannot tell that contact was lost', error)
  }

  #failed(what: string, error: unknown): void {
    this.#deps.log.error({ error: messageOf(error) }, what)
  }
}
