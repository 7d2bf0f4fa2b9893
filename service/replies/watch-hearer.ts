// Hears what people say to watched cells: a message that is only `stop` or `status`, in the thread
// of one of the cell's posts. Its author is known by account, never by name. Other messages are
// ignored.
import { Command } from '../../post/contract/watch.ts'
import type { Conversation, Reply } from '../chat/chat.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Database } from '../storage/database.ts'
import type { Hearer } from './listener.ts'
import { messageKey } from './matching.ts'
import type { HeardPost, SaidStore } from './said-store.ts'
import { answer, kindOf } from './watch-posts.ts'
import type { GoalOf } from './watch-posts.ts'
import { HEARD_MS } from './watch-store.ts'

/** Shortest time between two notices in one thread that its cell has ended. */
const NOTICE_GAP_MS = 60_000
/**
 * A message from before the start of the cell is not meant for it. The clock of a chat may differ
 * by this much.
 */
const SKEW_MS = 30_000

export interface WatchHearerDeps {
  db: Database
  outbox: Outbox
  said: SaidStore
  now: () => number
  goalOf: GoalOf
  /** Called when there is a new command. */
  changed: () => void
}

export class WatchHearer implements Hearer {
  readonly #deps: WatchHearerDeps
  /** Thread -> when the last notice there said that its cell has ended. */
  readonly #told = new Map<string, number>()

  constructor(deps: WatchHearerDeps) {
    this.#deps = deps
  }

  conversations(service: string): Conversation[] {
    return this.#deps.said.conversations(service, this.#deps.now() - HEARD_MS)
  }

  async heard(service: string, reply: Reply): Promise<boolean> {
    const command = Command.safeParse(reply.text.trim().toLowerCase())
    if (!command.success || reply.thread === undefined) return false
    const posts = this.#deps.said
      .heard(`${service}:${reply.lane}`, reply.thread, this.#deps.now() - HEARD_MS)
      .filter((post) => posterOf(post) === reply.account)
    if (posts.length === 0) return false
    const message = messageKey(service, reply)
    const open = posts.filter(
      ({ watch }) => watch.state !== 'ended' && reply.at >= watch.started - SKEW_MS,
    )
    if (open.length === 0) await this.#tellEnded(posts, message)
    else await this.#command(command.data, open, message)
    return true
  }

  /** One command per watch, even with several posts in the thread; the newest is answered. */
  async #command(command: Command, posts: readonly HeardPost[], message: string): Promise<void> {
    const { db, said, outbox, goalOf, changed } = this.#deps
    const byWatch = new Map(posts.map((post) => [post.watch.id, post]))
    const isNew = await db.write(() => {
      if (!said.firstTime(message, this.#deps.now())) return false
      for (const { watch, id, own } of byWatch.values())
        said.add(watch.id, command, own ? undefined : id)
      return true
    })
    if (!isNew) return
    changed()
    const lost = [...byWatch.values()].find(({ watch }) => watch.state === 'lost')
    if (!lost) return
    const words = `There is no contact with that ${kindOf(lost.watch)} now: it will be told when contact is back`
    await outbox.accept(answer(lost, goalOf, words))
  }

  async #tellEnded(posts: readonly HeardPost[], message: string): Promise<void> {
    const { db, said, outbox, goalOf } = this.#deps
    const post = posts.at(-1)
    if (!post) return
    const now = this.#deps.now()
    const isNew = await db.write(() => said.firstTime(message, now))
    const thread = JSON.stringify([post.goal.service, post.goal.typed, post.watch.thread])
    for (const [key, at] of this.#told) if (now - at >= NOTICE_GAP_MS) this.#told.delete(key)
    if (!isNew || this.#told.has(thread)) return
    this.#told.set(thread, now)
    await outbox.accept(answer(post, goalOf, `That ${kindOf(post.watch)} has ended`))
  }
}

/** The account whose words count: that of the poster. In the inbox it is the person's name. */
function posterOf({ goal, watch }: HeardPost): string | undefined {
  const poster = goal.destination?.accounts?.poster
  return poster ?? (goal.service === 'inbox' ? watch.person.name : undefined)
}
