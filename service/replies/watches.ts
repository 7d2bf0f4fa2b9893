// Watches over running cells: a kernel renews its lease, and the relay says once when it did not. What is said is stored in one commit with
// what it tells of, so that a relay that dies in between says it once.
import { messageOf } from '../../post/error.ts'
import type { WatchManifest, WatchState } from '../../post/watch.ts'
import type { Person } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Outbox, Submission } from '../outbox/outbox.ts'
import { resolveGoals } from '../policy/resolve.ts'
import type { Services } from '../policy/resolve.ts'
import type { Database } from '../storage/database.ts'
import { LEASE, LeaseClock } from './lease-clock.ts'
import type { Lease } from './lease-clock.ts'
import { SaidStore } from './said-store.ts'
import { WatchHearer } from './watch-hearer.ts'
import { backPost, endedAfterAll, lostPost } from './watch-posts.ts'
import { HEARD_MS, WatchStore } from './watch-store.ts'
import type { StoredGoal, Watch } from './watch-store.ts'

/** Running cells of one person. */
const MOST_OF_ONE = 100
const PRUNE_EVERY_MS = 60 * 60_000

export interface WatchesDeps {
  db: Database
  outbox: Outbox
  services: Services
  log: Log
  now: () => number
  lease?: Lease | undefined
}

export class Watches {
  /** What people say to watched cells. */
  readonly hearer: WatchHearer
  readonly #deps: WatchesDeps
  readonly #store: WatchStore
  readonly #said: SaidStore
  readonly #lease: Lease
  readonly #clock: LeaseClock
  readonly #listeners = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #pruneAt = 0

  constructor(deps: WatchesDeps) {
    this.#deps = deps
    this.#lease = deps.lease ?? LEASE
    this.#store = new WatchStore(deps.db)
    this.#said = new SaidStore(deps.db)
    this.#clock = new LeaseClock(this.#lease, deps.now())
    this.hearer = new WatchHearer({
      ...deps,
      said: this.#said,
      goalOf: (goal) => this.#goal(goal),
      changed: () => this.#changed(),
    })
  }

  /** While no relay ran nobody could renew: every watch has a whole lease from now on. */
  async start(): Promise<void> {
    await this.#extendAll()
    this.#timer = setInterval(() => void this.look(), this.#lease.lookMs).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  /** Whether a kernel counts on this relay. */
  get isNeeded(): boolean {
    return this.#store.live() > 0
  }

  isWatched(post: string): boolean {
    return this.#store.isWatched(post, this.#since())
  }

  /** Calls back when there may be news. Returns the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @throws {RelayError} `unknown_watch`, `too_many`, and for targets as a post */
  async put(id: string, person: Person, manifest: WatchManifest): Promise<WatchState> {
    const known = this.#known(id, person)
    if (!known && this.#store.live(person.name) >= MOST_OF_ONE) {
      const most = `At most ${MOST_OF_ONE} running cells of one person are watched at once`
      throw new RelayError('too_many', most, { retryAfter: 60 })
    }
    const goals = await resolveGoals(manifest.targets, person, this.#deps.services)
    const thread = manifest.thread ?? id
    const renewed = this.#deps.now()
    const started = renewed - Math.round(manifest.runningMs)
    const watch = { id, person, thread, source: manifest.source, started, renewed }
    if (known) await this.#renewed(id)
    const before = this.#store.posts(id)
    const isOpen = await this.#deps.db.write(() => {
      // It may have ended, or come from another person, while the chat was asked.
      const current = this.#store.find(id)
      if (current && (current.state !== 'live' || current.person.name !== person.name)) return false
      this.#store.put(watch, renewed + this.#lease.ms, goals, manifest.posts)
      return true
    })
    if (!isOpen) throw unknownWatch()
    await this.#touch(this.#store.posts(id).filter((post) => !before.includes(post)))
    return this.#state(id, 0)
  }

  /** Renews. @throws {RelayError} `unknown_watch` */
  async renew(id: string, person: Person, after: number): Promise<void> {
    if (!this.#known(id, person)) throw unknownWatch()
    await this.#renewed(id)
    if (after > 0) await this.#deps.db.write(() => this.#said.forget(id, after))
  }

  /** Whether there is something to say to who waits: a command, or that the watch has ended. */
  hasNews(id: string, after: number): boolean {
    return this.#store.find(id)?.state !== 'live' || this.#said.after(id, after).length > 0
  }

  /** @throws {RelayError} `unknown_watch` */
  state(id: string, person: Person, after: number): WatchState {
    if (!this.#known(id, person)) throw unknownWatch()
    return this.#state(id, after)
  }

  /** The cell ended, or its kernel in order. One that was taken for lost is told to be back. @throws {RelayError} `unknown_watch` */
  async end(id: string, person: Person): Promise<void> {
    const watch = this.#store.find(id)
    if (!watch || watch.person.name !== person.name) throw unknownWatch()
    if (watch.state === 'lost') {
      const post = endedAfterAll(watch, this.#goals(watch))
      await this.#tell(watch, post, () => this.#store.become(id, 'lost', 'ended'))
    } else if (watch.state === 'live') {
      await this.#deps.db.write(() => this.#store.become(id, 'live', 'ended'))
    }
    this.#changed()
    await this.#touch(this.#store.posts(id))
  }

  /** Says of every lease that is over that contact was lost. Never throws: what goes wrong is logged and looked at again. */
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
    if (!this.#clock.isSteady(now)) return this.#extendAll()
    for (const watch of this.#store.overdue(now)) {
      await this.#lost(watch).catch((error: unknown) => this.#failed('cannot tell', error))
    }
    if (now < this.#pruneAt) return
    this.#pruneAt = now + PRUNE_EVERY_MS
    await this.#deps.db.write(() => {
      this.#store.prune(this.#since())
      this.#said.prune(this.#since())
    })
  }

  async #lost(watch: Watch): Promise<void> {
    const post = lostPost(watch, this.#goals(watch), this.#lease.ms)
    await this.#tell(watch, post, () => this.#store.lose(watch.id, this.#deps.now()))
    await this.#touch(this.#store.posts(watch.id))
  }

  /** A renewal: also of a watch that was taken for lost. */
  async #renewed(id: string): Promise<void> {
    const now = this.#deps.now()
    const renew = () => this.#store.renew(id, now, now + this.#lease.ms)
    const watch = this.#store.find(id)
    if (watch?.state !== 'lost') {
      await this.#deps.db.write(renew)
      return
    }
    await this.#tell(watch, backPost(watch, this.#goals(watch), now), () => {
      renew()
      return this.#store.become(id, 'lost', 'live')
    })
    await this.#touch(this.#store.posts(id))
  }

  /** Posts it, and hears what is said to it, in one commit with what it tells of; nothing of it if that was not so any more. */
  async #tell(watch: Watch, post: Submission, change: () => boolean): Promise<void> {
    try {
      await this.#deps.outbox.accept(post, ({ posts }) => {
        if (!change()) throw unknownWatch()
        const ids = posts.map(({ id }) => id)
        this.#store.addPosts(watch.id, ids, true)
      })
    } catch (error) {
      if (!(error instanceof RelayError) || error.code !== 'unknown_watch') throw error
    }
  }

  #known(id: string, person: Person): Watch | undefined {
    const watch = this.#store.find(id)
    if (!watch) return undefined
    if (watch.person.name !== person.name || watch.state === 'ended') throw unknownWatch()
    return watch
  }

  #state(id: string, after: number): WatchState {
    return { leaseMs: this.#lease.ms, commands: this.#said.after(id, after) }
  }

  #goals(watch: Watch): Submission['goals'] {
    return this.#store.goals(watch.id).map((goal) => this.#goal(goal))
  }

  #goal(goal: StoredGoal): Submission['goals'][number] {
    const service = this.#deps.services.all.get(goal.service)
    return { ...goal, addressOf: (id) => service?.addressOf?.(id) }
  }

  async #extendAll(): Promise<void> {
    const until = this.#deps.now() + this.#lease.ms
    await this.#deps.db.write(() => this.#store.extendAll(until))
  }

  /** Pages that show these posts show whether somebody hears. */
  async #touch(posts: readonly string[]): Promise<void> {
    await Promise.all(posts.map((post) => this.#deps.outbox.touch(post, 'watched')))
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  #since(): number {
    return this.#deps.now() - HEARD_MS
  }

  #failed(what: string, error: unknown): void {
    this.#deps.log.error({ error: messageOf(error) }, what)
  }
}

function unknownWatch(): RelayError {
  return new RelayError('unknown_watch', 'There is no such watch of yours, or it has ended')
}
