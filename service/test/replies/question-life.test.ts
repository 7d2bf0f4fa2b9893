// Questions without HTTP: a chat that a test plays, an outbox in memory, a clock that a test moves.
import { expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import type { Ask } from '../../../post/contract/question.ts'
import type { ChatService, Conversation, Destination, Reply } from '../../chat/chat.ts'
import type { Goal } from '../../chat/goal.ts'
import { RelayError } from '../../errors.ts'
import { createLog } from '../../log.ts'
import { SqliteOutbox } from '../../outbox/store.ts'
import { ALONE, wholly } from '../helpers/batches.ts'
import { claimEdit, claimPost } from '../helpers/claims.ts'
import { Asking } from '../../replies/asking.ts'
import { Hints } from '../../replies/hints.ts'
import { Listener } from '../../replies/listener.ts'
import { QuestionStore } from '../../replies/question-store.ts'
import { Questions } from '../../replies/questions.ts'
import { Blobs } from '../../storage/blobs.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import { ScriptedChat } from '../helpers/chat.ts'

const ADA = { name: 'ada', groups: [] }
const DESTINATION: Destination = {
  lane: 'd1',
  label: '@bob',
  address: {},
  notices: [],
  accounts: { poster: 'u-ada', person: 'u-bob' },
}
const DELIVERED = {
  messages: [{ id: 'm1', text: true, files: false }],
  url: undefined,
  thread: 'm1',
  leftOut: [],
}

/** A chat where bob may have said something while nobody listened. */
class Asked extends ScriptedChat {
  readonly said: Reply[] = []
  isAway = false
  /** Says something while the relay listens. */
  say: (one: Reply) => void = () => undefined
  readonly replies = {
    listen: (heard: (one: Reply) => void, connected: () => void) => {
      this.say = heard
      connected()
      return { close: async () => undefined }
    },
    missed: async ({ after }: Conversation) => {
      if (this.isAway) throw new Error('away')
      return this.said.filter(({ at }) => at > after)
    },
  }
}

class Bench implements AsyncDisposable {
  readonly clock = { ms: Date.now() }
  readonly db = new Database(':memory:', SCHEMA)
  readonly outbox = new SqliteOutbox(this.db, new Blobs(this.db), () => this.clock.ms)
  readonly store = new QuestionStore(this.db)
  readonly chat = new Asked()
  readonly deaf = new ScriptedChat()
  readonly services = new Map<string, ChatService>([
    ['script', this.chat],
    ['deaf', this.deaf],
  ])
  listener = this.#listener()
  questions = this.#questions()

  #listener(): Listener {
    return new Listener(this.services, createLog('silent'), 5)
  }

  #questions(): Questions {
    const { store, outbox, services, listener } = this
    const now = () => this.clock.ms
    const log = createLog('silent')
    const questions = new Questions({ store, outbox, services, listener, log, now })
    this.listener.add(questions)
    this.listener.add(new Hints({ questions, store, outbox, services, now }))
    return questions
  }

  start(): void {
    this.listener.start()
    this.questions.start()
  }

  async stop(): Promise<void> {
    await this.questions.stop()
    await this.listener.stop()
  }

  async restart(): Promise<void> {
    await this.stop()
    this.listener = this.#listener()
    this.questions = this.#questions()
    this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.db.close()
  }

  /** Asks as the routes do. @returns The id of the post. */
  async ask(change: Partial<Ask> = {}, goalChange: Partial<Goal> = {}): Promise<string> {
    const ask: Ask = { choices: ['yes', 'no'], timeoutMs: 60_000, ...change }
    const goal: Goal = {
      typed: '@bob',
      service: 'script',
      target: { kind: 'person', name: 'bob' },
      destination: DESTINATION,
      addressOf: () => undefined,
      label: '@bob',
      ...goalChange,
    }
    const { store, services, listener } = this
    const asking = new Asking({ store, services, listener, now: () => this.clock.ms })
    const block = asking.blockOf(ask, [goal])
    const add = asking.prepare({ ask, block }, ADA, goal)
    const submission = {
      person: ADA,
      idempotency: undefined,
      blocks: [{ type: 'message' as const, text: 'Continue?' }, block],
      files: [],
      source: {},
      thread: undefined,
      goals: [goal],
    }
    const { answer } = await this.outbox.accept(submission, ({ posts: [post] }) => {
      if (post) add(post.id)
    })
    return answer.posts[0]?.id ?? ''
  }

  async claim() {
    const claim = await claimPost(this.outbox, 60_000)
    if (!claim) throw new Error('Nothing is due')
    return claim
  }

  /** @param message - The message that shows it; it has a thread of its own. */
  async deliver(message = 'm1'): Promise<void> {
    const messages = [{ id: message, text: true, files: false }]
    await this.outbox.delivered(await this.claim(), { ...DELIVERED, messages, thread: message })
  }

  /** Resolves when everything that the chat can tell about open questions was passed on. */
  async read(): Promise<void> {
    for (const conversation of this.questions.conversations('script'))
      await this.listener.catchUp('script', conversation)
  }

  /** Resolves with its outcome. */
  async over(post: string) {
    return until(() => {
      const answer = this.questions.answerFor(ADA, post)
      return answer.state !== 'open' && answer
    }, `question ${post} is over`)
  }
}

function bench(): Bench {
  const at = new Bench()
  at.start()
  return at
}

const yes = (at: number): Reply => ({
  id: 'r1',
  lane: 'd1',
  thread: 'm1',
  direct: true,
  account: 'u-bob',
  text: 'yes',
  at,
})

test('a question whose post cannot be delivered has failed, with the chat’s words', async () => {
  await using at = bench()
  const post = await at.ask()
  const over = at.over(post)
  await at.outbox.dead(await at.claim(), 'The bot was removed from the team')
  expect(await over).toEqual({ state: 'failed', error: 'The bot was removed from the team' })
})

test('a service that hears nobody cannot be asked at', async () => {
  await using at = bench()
  const asking = at.ask({}, { service: 'deaf' })
  await expect(asking).rejects.toThrow(RelayError)
  await expect(asking).rejects.toThrow(/Script cannot receive answers.*inbox:@me/)
})

test('one person has at most 100 questions open', async () => {
  await using at = bench()
  for (let n = 0; n < 100; n++) await at.ask()
  await expect(at.ask()).rejects.toThrow(/You have 100 open questions/)
})

test('one person has at most 100 questions open, however fast they are asked', async () => {
  await using at = bench()
  const asked = await Promise.allSettled(Array.from({ length: 120 }, () => at.ask()))
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(100)
})

test('whom a late destination names is asked', async () => {
  await using at = bench()
  const post = await at.ask({}, { destination: undefined })
  await at.outbox.resolved(await at.claim(), DESTINATION)
  at.chat.said.push(yes(at.clock.ms + 1))
  const over = at.over(post)
  await at.deliver()
  expect(await over).toMatchObject({ state: 'answered', answer: 'yes', by: 'bob' })
})

test('an answer given before it was recorded where the post is counts', async () => {
  await using at = bench()
  const post = await at.ask()
  at.chat.said.push(yes(at.clock.ms + 1))
  const over = at.over(post)
  await at.deliver()
  expect(await over).toMatchObject({ state: 'answered', answer: 'yes' })
})

test('an answer heard before it was recorded where the post is counts', async () => {
  await using at = bench()
  const post = await at.ask()
  const answer = yes(at.clock.ms + 1)
  at.chat.say(answer)
  at.chat.said.push(answer)
  const over = at.over(post)
  await at.deliver()
  expect(await over).toMatchObject({ state: 'answered', answer: 'yes' })
})

/**
 * Two questions in one direct channel; bob's words outside their threads are about the newer one.
 */
async function twoQuestions(at: Bench, choices: string[]): Promise<[string, string]> {
  const older = await at.ask()
  await at.deliver('m1')
  at.clock.ms += 1000
  const newer = await at.ask({ choices })
  await at.deliver('m2')
  return [older, newer]
}

test('a message that answered one question answers no other after a restart', async () => {
  await using at = bench()
  const [older, newer] = await twoQuestions(at, ['yes', 'no'])
  at.chat.said.push({ ...yes(at.clock.ms + 1), thread: undefined })
  const over = at.over(newer)
  await at.read()
  expect(await over).toMatchObject({ state: 'answered', answer: 'yes' })
  await at.restart()
  await at.read()
  expect(at.questions.answerFor(ADA, older)).toMatchObject({ state: 'open' })
})

test('a message that was no answer to one question answers no other after a restart', async () => {
  await using at = bench()
  const [older, newer] = await twoQuestions(at, ['a', 'b'])
  at.chat.said.push({ ...yes(at.clock.ms + 1), thread: undefined })
  await at.read()
  await at.questions.withdraw(ADA, newer)
  await at.restart()
  await at.read()
  expect(at.questions.answerFor(ADA, older)).toMatchObject({ state: 'open' })
  // What comes after it is heard.
  at.chat.said.push({ ...yes(at.clock.ms + 2), id: 'r2' })
  await at.read()
  expect(at.questions.answerFor(ADA, older)).toMatchObject({ state: 'answered' })
})

test('what was answered in time while the relay was away counts, although the time is up when it comes back', async () => {
  await using at = bench()
  const post = await at.ask({ otherwise: 'no' })
  await at.deliver()
  await at.stop()
  at.chat.said.push(yes(at.clock.ms + 1000))
  at.clock.ms += 3_600_000
  await at.restart()
  expect(await at.over(post)).toMatchObject({ state: 'answered', answer: 'yes' })
})

test('what was answered too late does not count', async () => {
  await using at = bench()
  const post = await at.ask({ otherwise: 'no' })
  await at.deliver()
  await at.stop()
  at.chat.said.push(yes(at.clock.ms + 60_001))
  at.clock.ms += 3_600_000
  await at.restart()
  expect(await at.over(post)).toEqual({ state: 'expired', answer: 'no' })
})

test('a chat that is away does not keep a question open', async () => {
  await using at = bench()
  const post = await at.ask({ otherwise: 'no' })
  await at.deliver()
  await at.stop()
  at.chat.isAway = true
  at.clock.ms += 3_600_000
  await at.restart()
  expect(await at.over(post)).toEqual({ state: 'expired', answer: 'no' })
})

test('what is heard again after a restart gives no second hint', async () => {
  await using at = bench()
  await at.ask()
  await at.deliver()
  at.chat.said.push({ ...yes(at.clock.ms + 1), text: 'maybe' })
  for (let n = 0; n < 3; n++) {
    await at.restart()
    // What was missed is read in turn, so this is passed on after it.
    await at.read()
  }
  expect(at.outbox.list('ada', { limit: 10 }).places).toHaveLength(2)
})

test('a question is forgotten with its post, and not before', async () => {
  await using at = bench()
  const post = await at.ask()
  await at.deliver()
  await at.questions.withdraw(ADA, post)
  await at.stop()
  at.clock.ms += 40 * 24 * 3_600_000
  await wholly(at.store.orphans())
  expect(at.store.find(post)).toBeDefined()
  const change = await claimEdit(at.outbox, 1000)
  if (change) await at.outbox.edits.written(change, DELIVERED, 0)
  await wholly(at.outbox.keeping.posts(at.clock.ms, ALONE))
  await wholly(at.store.orphans())
  expect(at.store.find(post)).toBeUndefined()
})

test('a question whose post was forgotten when its time was up has its `otherwise`', async () => {
  await using at = bench()
  const post = await at.ask({ timeoutMs: 30 * 24 * 3_600_000, otherwise: 'no' })
  await at.deliver()
  await at.stop()
  at.clock.ms += 40 * 24 * 3_600_000
  await wholly(at.outbox.keeping.posts(at.clock.ms - 1, ALONE))
  await at.restart()
  expect(await at.over(post)).toEqual({ state: 'expired', answer: 'no' })
})

test('a question that another version of the relay wrote ends without a word in its post', async () => {
  await using at = bench()
  const post = await at.ask()
  await at.deliver()
  await at.db.write(() => at.db.run(`UPDATE question SET block = '[]'`))
  at.clock.ms += 3_600_000
  await at.restart()
  const left = () => [...at.store.fates(), ...at.store.untold()]
  await until(() => left().length === 0, 'nothing of the question is left', { saw: left })
  expect(at.store.find(post)).toBeUndefined()
})
