import { expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import type { ChatService, Conversation, Reply } from '../../chat/chat.ts'
import { ChatError } from '../../errors.ts'
import { createLog } from '../../log.ts'
import { Listener } from '../../replies/listener.ts'
import type { Hearer } from '../../replies/listener.ts'
import { ScriptedChat } from '../helpers/chat.ts'

const CONVERSATION: Conversation = {
  destination: { lane: 'd1', label: '@ada', address: {}, notices: [] },
  delivered: { messages: [], url: undefined, thread: 't1', leftOut: [] },
  after: 0,
}

const reply = (id: string, at: number): Reply => ({
  id,
  lane: 'd1',
  thread: 't1',
  direct: true,
  account: 'u-ada',
  text: id,
  at,
})

/** Says what a test tells it to, and remembers what it was asked. */
class Talking extends ScriptedChat {
  say: (reply: Reply) => void = () => undefined
  connect: () => void = () => undefined
  asked = 0
  isClosed = false
  /** The next answers to the question what was missed; after these, nothing. */
  readonly missed: (Reply[] | Error | Promise<Reply[]>)[] = []
  readonly replies = {
    listen: (heard: (one: Reply) => void, connected: () => void) => {
      this.say = heard
      this.connect = connected
      const close = async () => {
        this.isClosed = true
      }
      return { close }
    },
    missed: async () => {
      this.asked += 1
      const next = this.missed.shift() ?? []
      if (next instanceof Error) throw next
      return next
    },
  }
}

/** Remembers what it heard, and takes what starts with its word. */
class Ear implements Hearer {
  readonly heardIds: string[] = []
  failures = 0
  readonly #word: string

  constructor(word: string) {
    this.#word = word
  }

  conversations(): Conversation[] {
    return [CONVERSATION]
  }

  async heard(_service: string, { id }: Reply): Promise<boolean> {
    if (this.failures > 0) {
      this.failures -= 1
      throw new Error('the disk is full')
    }
    this.heardIds.push(id)
    return id.startsWith(this.#word)
  }

  async until(count: number): Promise<string[]> {
    const saw = () => this.heardIds
    await until(() => this.heardIds.length >= count, `${count} replies are heard`, { saw })
    return this.heardIds
  }
}

interface Bench extends AsyncDisposable {
  chat: Talking
  listener: Listener
  first: Ear
  last: Ear
}

/** @param againMs - ms before a service that did not answer is asked again. */
function bench(againMs = 1): Bench {
  const chat = new Talking()
  const services = new Map<string, ChatService>([[chat.name, chat]])
  const listener = new Listener(services, createLog('silent'), againMs)
  const [first, last] = [new Ear('a'), new Ear('')]
  listener.add(first)
  listener.add(last)
  listener.start()
  return { chat, listener, first, last, [Symbol.asyncDispose]: () => listener.stop() }
}

test('a reply goes to the first hearer that takes it', async () => {
  await using at = bench()
  at.chat.say(reply('a1', 1))
  at.chat.say(reply('b1', 2))
  expect(await at.last.until(1)).toEqual(['b1'])
  expect(at.first.heardIds).toEqual(['a1', 'b1'])
})

test('what was missed comes first, oldest first, and nothing comes twice', async () => {
  await using at = bench()
  const { promise, resolve } = Promise.withResolvers<Reply[]>()
  // Both hearers share the conversation, so it is read twice.
  at.chat.missed.push(promise, [reply('b2', 20), reply('b1', 10)])
  at.chat.connect()
  at.chat.say(reply('b3', 30))
  at.chat.say(reply('b2', 20))
  resolve([reply('b2', 20)])
  expect(await at.last.until(3)).toEqual(['b1', 'b2', 'b3'])
})

test('a service that connects again and again is read no more often than it can be', async () => {
  await using at = bench()
  const { promise, resolve } = Promise.withResolvers<Reply[]>()
  at.chat.missed.push(promise)
  at.chat.connect()
  // The first has begun, so one more is what can bring news.
  await until(() => at.chat.asked > 0, 'the chat is asked')
  for (let n = 0; n < 5; n += 1) at.chat.connect()
  resolve([])
  await at.listener.catchUp('script', CONVERSATION)
  // Two hearers, twice, and what was asked on demand.
  expect(at.chat.asked).toBe(5)
})

test('a post whose replies cannot be read does not keep others from being read', async () => {
  await using at = bench(60_000)
  at.chat.missed.push(new ChatError('no such thread', { status: 400, retryable: false }))
  at.chat.missed.push([reply('b1', 1)])
  at.chat.connect()
  expect(await at.last.until(1)).toEqual(['b1'])
})

test('a service that does not say what was missed is asked again', async () => {
  await using at = bench()
  const away = new ChatError('away', { status: 0, retryable: true })
  at.chat.missed.push(away, away, [reply('b1', 1)])
  at.chat.connect()
  expect(await at.last.until(1)).toEqual(['b1'])
})

test('a reply that could not be stored comes again', async () => {
  await using at = bench()
  at.last.failures = 1
  at.chat.missed.push([reply('b1', 1)])
  at.chat.say(reply('b1', 1))
  expect(await at.last.until(1)).toEqual(['b1'])
})

test('one post is read on demand, and the caller waits until its replies were handed over', async () => {
  await using at = bench()
  at.chat.missed.push([reply('b1', 1)])
  await at.listener.catchUp('script', CONVERSATION)
  expect(at.last.heardIds).toEqual(['b1'])
  await at.listener.catchUp('nowhere', CONVERSATION)
  expect(at.listener.hears('script')).toBe(true)
  expect(at.listener.hears('nowhere')).toBe(false)
})

test('of a service that does not answer not each of many posts is asked, and all are read later', async () => {
  await using at = bench(500)
  at.chat.missed.push(new ChatError('away', { status: 0, retryable: true }))
  await Promise.all([1, 2, 3].map(() => at.listener.catchUp('script', CONVERSATION)))
  expect(at.chat.asked).toBe(1)
  at.chat.missed.push([reply('b1', 1)])
  expect(await at.last.until(1)).toEqual(['b1'])
})

test('after its end nothing is heard or asked', async () => {
  const at = bench()
  await at.listener.stop()
  expect(at.chat.isClosed).toBe(true)
  at.chat.say(reply('b1', 1))
  await at.listener.catchUp('script', CONVERSATION)
  expect(at.chat.asked).toBe(0)
  expect(at.last.heardIds).toEqual([])
})
