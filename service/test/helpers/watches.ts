// Watches with an outbox in memory, a chat with accounts, and a clock that a test moves.
import { Blobs } from '../../storage/blobs.ts'
import type { Destination, Person, Target } from '../../chat/chat.ts'
import { ChatError } from '../../errors.ts'
import { createLog } from '../../log.ts'
import type { Claim } from '../../outbox/outbox.ts'
import { SqliteOutbox } from '../../outbox/store.ts'
import { DEFAULT_QUOTA, Quotas } from '../../policy/quota.ts'
import { Watches } from '../../replies/watches.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import { ScriptedChat } from './chat.ts'
import { claimPost } from './claims.ts'

export const ADA: Person = { name: 'ada', groups: [] }
export const BOB: Person = { name: 'bob', groups: [] }

const LOOK_MS = 15_000

/** Accounts are `id-of-NAME`; nobody is in the channel `secret`. */
class ChatWithAccounts extends ScriptedChat {
  override async resolve(target: Target, person?: Person): Promise<Destination> {
    const destination = await super.resolve(target)
    if (destination.label === '~secret') {
      const options = { status: 404, retryable: false, code: 'unknown_target' as const }
      throw new ChatError('Cannot post to ~secret', options)
    }
    return { ...destination, accounts: { poster: `id-of-${person?.name}` } }
  }
}

export class WatchBench {
  readonly clock = { ms: Date.now() }
  readonly db = new Database(':memory:', SCHEMA)
  readonly outbox = new SqliteOutbox(this.db, new Blobs(this.db), () => this.clock.ms)
  readonly #quotas = new Quotas(DEFAULT_QUOTA, () => 0)
  watches = this.#watches()

  async open(): Promise<void> {
    await this.watches.start()
  }

  async restart(): Promise<void> {
    await this.watches.stop()
    this.watches = this.#watches()
    await this.open()
  }

  async close(): Promise<void> {
    await this.watches.stop()
    this.db.close()
  }

  /** Lets time pass; the watches look as often as in real life. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= LOOK_MS) await this.jump(Math.min(left, LOOK_MS))
  }

  /** Changes the clock before the next look. */
  async jump(ms: number): Promise<void> {
    this.clock.ms += ms
    await this.watches.look()
  }

  /** A person's delivered post. @returns Its id, which is its thread unless one is given. */
  async post(person: Person, target: string, thread?: string): Promise<string> {
    const service = new ChatWithAccounts()
    const parsed = { kind: 'channel' as const, name: target }
    const { answer } = await this.outbox.accept({
      person,
      idempotency: undefined,
      blocks: [{ type: 'message', text: 'a post' }],
      files: [],
      source: {},
      thread,
      goals: [
        {
          typed: target,
          service: 'script',
          target: parsed,
          destination: await service.resolve(parsed, person),
          label: target,
          addressOf: () => undefined,
        },
      ],
    })
    await this.toldPosts()
    return answer.posts[0]?.id ?? ''
  }

  /** Texts posted since the last call. */
  async told(): Promise<string[]> {
    return (await this.toldPosts()).map(({ text }) => text)
  }

  async toldPosts(): Promise<Array<{ text: string; claim: Claim }>> {
    const told: Array<{ text: string; claim: Claim }> = []
    for (;;) {
      const claim = await claimPost(this.outbox, 1000)
      if (!claim) return told
      const [block] = claim.blocks
      told.push({ text: block && 'text' in block ? block.text : '', claim })
      await this.outbox.delivered(claim, {
        messages: [{ id: claim.id, text: true, files: false }],
        url: undefined,
        thread: claim.thread ?? claim.id,
        leftOut: [],
      })
    }
  }

  #watches(): Watches {
    const all = new Map([['script', new ChatWithAccounts()]])
    return new Watches({
      db: this.db,
      outbox: this.outbox,
      services: { all, standard: 'script', broken: [] },
      quotas: this.#quotas,
      log: createLog('silent'),
      now: () => this.clock.ms,
    })
  }
}
