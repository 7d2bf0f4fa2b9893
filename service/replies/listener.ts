// Hands what people write to the bot to the hearers: from every chat service that can read replies,
// in the order in which they were written there. This includes replies from a time when the relay
// was not listening. Each reply is handed out until one hearer takes it.
import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from '../../post/contract/error.ts'
import type { ChatService, Conversation, Replies, Reply } from '../chat/chat.ts'
import { ChatError } from '../errors.ts'
import type { Log } from '../log.ts'

/** A part of the relay that waits for what people write. */
export interface Hearer {
  /** Posts of the service whose replies are wanted now. */
  conversations(service: string): Conversation[]
  /**
   * Whether the reply was meant for this hearer; if so, no other one is asked. After a restart of
   * the relay, the same reply (by its id) may come again: then it must be taken again and do
   * nothing. If it could not be stored, this throws, and the reply comes again later.
   */
  heard(service: string, reply: Reply): Promise<boolean>
}

/** Time for a service to say what was missed; if it takes longer, it is asked again later. */
const MISSED_MS = 30_000
/** The same while somebody waits for the answer. */
const CATCH_UP_MS = 10_000
const AGAIN_MS = 30_000
/** Ids of taken replies to remember for each service: a reply that was missed may be read twice. */
const MOST_REMEMBERED = 10_000
/** Replies to hold while a service is asked what was missed; the rest is read from it later. */
const MOST_WAITING = 10_000

export class Listener {
  readonly #ears: ReadonlyMap<string, Ear>
  readonly #hearers: Hearer[] = []

  /** @param againMs - After this time, a service that could not be read is asked again. */
  constructor(services: ReadonlyMap<string, ChatService>, log: Log, againMs = AGAIN_MS) {
    const ears = new Map<string, Ear>()
    for (const [name, { replies }] of services)
      if (replies) ears.set(name, new Ear(name, replies, this.#hearers, { log, againMs }))
    this.#ears = ears
  }

  /** To be called before `start`. Hearers are asked in the order in which they were added. */
  add(hearer: Hearer): void {
    this.#hearers.push(hearer)
  }

  /** Whether people can answer at this service. */
  hears(service: string): boolean {
    return this.#ears.has(service)
  }

  start(): void {
    for (const ear of this.#ears.values()) ear.listen()
  }

  /**
   * Reads what was said to one post that was delivered just now, or whose time is up. Resolves when
   * the replies were handed over or could not be read. If the service already failed to answer,
   * this does not ask it again, so that many posts do not all wait for it.
   */
  async catchUp(service: string, conversation: Conversation): Promise<void> {
    await this.#ears.get(service)?.catchUp(conversation)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#ears.values()].map((ear) => ear.close()))
  }
}

/** Listens to one service. */
class Ear {
  readonly #service: string
  readonly #replies: Replies
  readonly #hearers: readonly Hearer[]
  readonly #log: Log
  readonly #againMs: number
  readonly #stop = new AbortController()
  readonly #remembered = new Set<string>()
  #connection: { close(): Promise<void> } | undefined
  /** One piece of work after the other: replies that were missed come before new ones. */
  #line: Promise<void> = Promise.resolve()
  #waiting = 0
  #isAskedAgain = false
  /** Reading everything is in the line already, so it need not be added again. */
  #isToBeRead = false

  constructor(
    service: string,
    replies: Replies,
    hearers: readonly Hearer[],
    { log, againMs }: { log: Log; againMs: number },
  ) {
    this.#service = service
    this.#replies = replies
    this.#hearers = hearers
    this.#log = log
    this.#againMs = againMs
  }

  listen(): void {
    this.#connection = this.#replies.listen(
      (reply) => this.#receive(reply),
      () => void this.#readAll(),
    )
  }

  /** Never throws: what cannot be read now is read later. */
  async catchUp(conversation: Conversation): Promise<void> {
    await this.#queue(async () => {
      if (!this.#isAskedAgain) await this.#read([conversation], CATCH_UP_MS)
    })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#connection?.close()
    await this.#line
  }

  /** Never throws, like `catchUp`. */
  async #readAll(): Promise<void> {
    if (this.#isToBeRead) return
    this.#isToBeRead = true
    await this.#queue(async () => {
      this.#isToBeRead = false
      const all = this.#hearers.flatMap((hearer) => hearer.conversations(this.#service))
      await this.#read(all, MISSED_MS)
    })
  }

  async #read(conversations: readonly Conversation[], ms: number): Promise<void> {
    const replies: Reply[] = []
    const refused: unknown[] = []
    for (const conversation of conversations) {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ms)])
      try {
        replies.push(...(await this.#replies.missed(conversation, signal)))
      } catch (error) {
        if (!isOfOnePost(error)) throw error
        refused.push(error)
      }
    }
    for (const reply of replies.toSorted((a, b) => a.at - b.at)) await this.#hand(reply)
    if (refused.length > 0) throw refused[0]
  }

  #receive(reply: Reply): void {
    if (this.#waiting >= MOST_WAITING) this.#askAgain()
    else void this.#queue(() => this.#hand(reply))
  }

  async #queue(work: () => Promise<void>): Promise<void> {
    this.#waiting += 1
    this.#line = this.#after(this.#line, work)
    await this.#line
  }

  async #after(earlier: Promise<void>, work: () => Promise<void>): Promise<void> {
    await earlier
    try {
      if (!this.#stop.signal.aborted) await work()
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#waiting -= 1
    }
  }

  async #hand(reply: Reply): Promise<void> {
    if (this.#remembered.has(reply.id)) return
    if (!(await this.#isTaken(reply))) return
    this.#remembered.add(reply.id)
    const oldest = this.#remembered.values().next()
    if (this.#remembered.size > MOST_REMEMBERED && !oldest.done)
      this.#remembered.delete(oldest.value)
  }

  /**
   * A reply that nobody takes is not remembered: it may be meant for a post whose delivery is not
   * recorded yet, and then it is read again.
   */
  async #isTaken(reply: Reply): Promise<boolean> {
    for (const hearer of this.#hearers) if (await hearer.heard(this.#service, reply)) return true
    return false
  }

  #failed(error: unknown): void {
    if (this.#stop.signal.aborted) return
    this.#log.warn(
      { service: this.#service, error: messageOf(error) },
      'cannot read what was answered; asking again later',
    )
    this.#askAgain()
  }

  #askAgain(): void {
    if (this.#isAskedAgain) return
    this.#isAskedAgain = true
    void this.#readLater()
  }

  async #readLater(): Promise<void> {
    try {
      await delay(this.#againMs, undefined, { signal: this.#stop.signal, ref: false })
    } catch {
      return // AbortError: closed
    }
    this.#isAskedAgain = false
    await this.#readAll()
  }
}

/** The service answers and accepts the bot's token, so other posts can still be read. */
function isOfOnePost(error: unknown): boolean {
  return error instanceof ChatError && !error.retryable && error.status !== 401
}
