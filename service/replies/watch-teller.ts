// Says in the chat what became of a watch. Each post is stored in one commit with the change that
// it reports, so it is said exactly once, even if the relay dies.
import type { ChatService } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import type { Outbox, Submission } from '../outbox/outbox.ts'
import { directOf } from '../policy/quota.ts'
import type { Quotas } from '../policy/quota.ts'
import type { StoredGoal, Watch, WatchStore } from './watch-store.ts'

export interface WatchTellerDeps {
  outbox: Outbox
  services: ReadonlyMap<string, ChatService>
  quotas: Pick<Quotas, 'charge'>
  store: WatchStore
}

export class WatchTeller {
  readonly #deps: WatchTellerDeps

  constructor(deps: WatchTellerDeps) {
    this.#deps = deps
  }

  goal(goal: StoredGoal): Submission['goals'][number] {
    const service = this.#deps.services.get(goal.service)
    return { ...goal, addressOf: (id) => service?.addressOf?.(id) }
  }

  /** Where to say it. @throws {Unreadable} */
  goals(watch: Watch): Submission['goals'] {
    return this.#deps.store.goals(watch.id).map((goal) => this.goal(goal))
  }

  /**
   * Counts the posts against the person's quota, so that vanishing cells cannot flood a channel.
   * @throws {RelayError} `too_many`
   */
  async spend({ person }: Watch, { goals }: Submission): Promise<void> {
    const cost = { postsPerMinute: goals.length, directPerDay: directOf(goals) }
    this.#deps.quotas.charge(person, cost)
  }

  /** Posts it and listens in its thread, unless `change` says that it is no longer true. */
  async tell(watch: Watch, post: Submission, change: () => boolean): Promise<void> {
    const { outbox, store } = this.#deps
    try {
      await outbox.accept(post, ({ posts }) => {
        if (!change()) throw unknownWatch()
        const ids = posts.map(({ id }) => id)
        store.addPosts(watch.id, ids, true)
      })
    } catch (error) {
      if (!(error instanceof RelayError) || error.code !== 'unknown_watch') throw error
    }
  }

  /** Updates pages that show these posts: they say whether the cell listens. */
  async touch(posts: readonly string[]): Promise<void> {
    await Promise.all(posts.map((post) => this.#deps.outbox.touch(post, 'watched')))
  }
}

export function unknownWatch(): RelayError {
  return new RelayError('unknown_watch', 'There is no such watch of yours, or it has ended')
}
