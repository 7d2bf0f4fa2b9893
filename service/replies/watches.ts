// Watches over running cells: what their kernels do with them (begin, renew, hear what was said, end), and the parts that say and hear the
// rest.
import type { WatchManifest, WatchState } from '../../post/contract/watch.ts'
import type { Person } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Quotas } from '../policy/quota.ts'
import { resolveGoals } from '../policy/resolve.ts'
import type { Services } from '../policy/resolve.ts'
import type { Database } from '../storage/database.ts'
import { LEASE_TIMES } from './lease-clock.ts'
import type { LeaseTimes } from './lease-clock.ts'
import { Lookout } from './lookout.ts'
import { SaidStore } from './said-store.ts'
import { WatchHearer } from './watch-hearer.ts'
import { backPost, endedAfterAll } from './watch-posts.ts'
import { HEARD_MS, WatchStore } from './watch-store.ts'
import type { Watch } from './watch-store.ts'
import { unknownWatch, WatchTeller } from './watch-teller.ts'

/** Running cells of one person. */
const MOST_OF_ONE = 100

export interface WatchesDeps {
  db: Database
  outbox: Outbox
  services: Services
  quotas: Pick<Quotas, 'spend'>
  log: Log
  now: () => number
  leaseTimes?: LeaseTimes | undefined
}

export class Watches {
  /** What people say to watched cells. */
  readonly hearer: WatchHearer
  readonly #deps: WatchesDeps
  readonly #store: WatchStore
  readonly #said: SaidStore
  readonly #teller: WatchTeller
  readonly #lookout: Lookout
  readonly #leaseTimes: LeaseTimes
  readonly #listeners = new Set<() => void>()

  constructor(deps: WatchesDeps) {
    this.#deps = deps
    this.#leaseTimes = deps.leaseTimes ?? LEASE_TIMES
    this.#store = new WatchStore(deps.db)
    this.#said = new SaidStore(deps.db)
    const parts = { store: this.#store, said: this.#said, leaseTimes: this.#leaseTimes }
    this.#teller = new WatchTeller({ ...deps, ...parts, services: deps.services.all })
    this.#lookout = new Lookout({ ...deps, ...parts, teller: this.#teller })
    this.hearer = new WatchHearer({
      ...deps,
      said: this.#said,
      goalOf: (goal) => this.#teller.goal(goal),
      changed: () => this.#changed(),
    })
  }

  async start(): Promise<void> {
    await this.#lookout.start()
  }

  async stop(): Promise<void> {
    await this.#lookout.stop()
  }

  /** Says of every lease that is over that contact was lost. Never throws. */
  async look(): Promise<void> {
    await this.#lookout.look()
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
    if (!known) this.#checkRoom(person)
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
      if (!current) this.#checkRoom(person)
      this.#store.put(watch, renewed + this.#leaseTimes.ms, goals, manifest.posts)
      return true
    })
    if (!isOpen) throw unknownWatch()
    await this.#teller.touch(this.#store.posts(id).filter((post) => !before.includes(post)))
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
      const post = endedAfterAll(watch, this.#teller.goals(watch))
      await this.#teller.tell(watch, post, () => this.#store.become(id, 'lost', 'ended'))
    } else if (watch.state === 'live') {
      const isEnded = await this.#deps.db.write(() => this.#store.become(id, 'live', 'ended'))
      // Contact was lost in the same moment.
      if (!isEnded) return this.end(id, person)
    }
    this.#changed()
    await this.#teller.touch(this.#store.posts(id))
  }

  /** A renewal: also of a watch that was taken for lost. */
  async #renewed(id: string): Promise<void> {
    const now = this.#deps.now()
    const renew = () => this.#store.renew(id, now, now + this.#leaseTimes.ms)
    const watch = this.#store.find(id)
    if (watch?.state !== 'lost') {
      await this.#deps.db.write(renew)
      return
    }
    await this.#teller.tell(watch, backPost(watch, this.#teller.goals(watch), now), () => {
      renew()
      return this.#store.become(id, 'lost', 'live')
    })
    await this.#teller.touch(this.#store.posts(id))
  }

  #known(id: string, person: Person): Watch | undefined {
    const watch = this.#store.find(id)
    if (!watch) return undefined
    if (watch.person.name !== person.name || watch.state === 'ended') throw unknownWatch()
    return watch
  }

  #state(id: string, after: number): WatchState {
    return { leaseMs: this.#leaseTimes.ms, commands: this.#said.after(id, after) }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  #since(): number {
    return this.#deps.now() - HEARD_MS
  }

  /** @throws {RelayError} `too_many` */
  #checkRoom({ name }: Person): void {
    if (this.#store.live(name) < MOST_OF_ONE) return
    const most = `At most ${MOST_OF_ONE} running cells of one person are watched at once`
    throw new RelayError('too_many', most, { retryAfter: 60 })
  }
}
