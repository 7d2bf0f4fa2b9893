// Watches over running cells: what kernels do with them (begin, renew, get commands, end). This
// also builds the parts that listen to people and post about the cells.
import type { WatchManifest, WatchState } from '../../post/contract/watch.ts'
import type { Person } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Quotas } from '../policy/quota.ts'
import { resolveGoals } from '../policy/resolve.ts'
import { parseTargets } from '../policy/target.ts'
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

/** Watched cells of one person at a time. */
const MOST_OF_ONE = 100

export interface WatchesDeps {
  db: Database
  outbox: Outbox
  services: Services
  quotas: Pick<Quotas, 'lookUp' | 'charge'>
  log: Log
  now: () => number
  leaseTimes?: LeaseTimes | undefined
}

export class Watches {
  /** Hears what people say to watched cells. */
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

  /** Reports lost contact for every lease that is over. Never throws. */
  async look(): Promise<void> {
    await this.#lookout.look()
  }

  /** Whether a kernel relies on this relay. */
  get isNeeded(): boolean {
    return this.#store.live() > 0
  }

  isWatched(post: string): boolean {
    return this.#store.isWatched(post, this.#since())
  }

  /** Calls the listener when there may be news. Returns the function that removes it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @throws {RelayError} `unknown_watch`, `too_many`, and for targets the same errors as a post */
  async put(id: string, person: Person, manifest: WatchManifest): Promise<WatchState> {
    const known = this.#known(id, person)
    if (!known) this.#checkRoom(person)
    const { quotas, services } = this.#deps
    const targets = parseTargets(manifest.targets)
    const goals = await quotas.lookUp(person, targets.length, () =>
      resolveGoals(targets, person, services),
    )
    const thread = manifest.thread ?? id
    const renewed = this.#deps.now()
    const started = renewed - Math.round(manifest.runningMs)
    const watch = { id, person, thread, source: manifest.source, started, renewed }
    if (known) await this.#renewed(id)
    const before = this.#store.posts(id)
    const isOpen = await this.#deps.db.write(() => {
      // While the chat was asked, it may have ended, or another person may have taken the id.
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

  /**
   * @param after - The kernel has the commands up to this one.
   * @throws {RelayError} `unknown_watch`
   */
  async renew(id: string, person: Person, after: number): Promise<void> {
    if (!this.#known(id, person)) throw unknownWatch()
    await this.#renewed(id)
    if (after > 0) await this.#deps.db.write(() => this.#said.forget(id, after))
  }

  /** Whether there is something to tell the waiting kernel: a command, or the end of the watch. */
  hasNews(id: string, after: number): boolean {
    return this.#store.find(id)?.state !== 'live' || this.#said.after(id, after).length > 0
  }

  /** @throws {RelayError} `unknown_watch` */
  state(id: string, person: Person, after: number): WatchState {
    if (!this.#known(id, person)) throw unknownWatch()
    return this.#state(id, after)
  }

  /**
   * The cell ended, or its kernel was shut down. If contact was lost, the chat is told of the end.
   * @throws {RelayError} `unknown_watch`
   */
  async end(id: string, person: Person): Promise<void> {
    const watch = this.#store.find(id)
    if (!watch || watch.person.name !== person.name) throw unknownWatch()
    if (watch.state === 'lost') {
      const post = endedAfterAll(watch, this.#teller.goals(watch))
      await this.#teller.tell(watch, post, () => this.#store.become(id, 'lost', 'ended'))
    } else if (watch.state === 'live') {
      const isEnded = await this.#deps.db.write(() => this.#store.become(id, 'live', 'ended'))
      // Contact was lost at the same moment.
      if (!isEnded) return this.end(id, person)
    }
    this.#changed()
    await this.#teller.touch(this.#store.posts(id))
  }

  /** Renews the lease. If contact was lost, the chat is told that the cell is back. */
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
