// What the relay remembers of a Mattermost: a plain delivery asks nothing, and nobody posts who may
// not any more.
import { afterEach, beforeEach, expect, test } from '@jest/globals'

import { within } from '../../../test/helpers/until.ts'
import type { Destination, Target } from '../../chat/chat.ts'
import { Mattermost } from '../../chat/mattermost/index.ts'
import { ChatError } from '../../errors.ts'
import { ALICE, deliveryTo, MemoryCheckpoint, MemoryLinks } from '../helpers/delivery.ts'
import { MattermostServer } from '../helpers/mattermost.ts'

const SIGNAL = new AbortController().signal
const LAB: Target = { kind: 'channel', name: 'lab' }
const MINUTE = 60_000

let server: MattermostServer
let chat: Mattermost
let elapsed: number
let listening: { close(): Promise<void> } | undefined

beforeEach(async () => {
  elapsed = 0
  server = await MattermostServer.start()
  server.addUser('alice')
  server.addUser('bob')
  server.addChannel('lab', ['alice', 'bob', 'jupyterpost'])
  const { url, token, team } = server
  const identity = { kind: 'same-name', names: {}, links: new MemoryLinks() } as const
  chat = new Mattermost({ url, token, team, identity, monotonic: () => elapsed })
})

afterEach(async () => {
  await listening?.close()
  listening = undefined
  await chat.close()
  await server.close()
})

/** Resolves when the websocket is up. */
async function listen(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  listening = chat.replies.listen(
    ({ text }) => heard.get(text)?.(),
    () => resolve(),
  )
  await within(promise, 'the websocket is up')
}

const heard = new Map<string, () => void>()

/** Resolves when all events so far were heard: bob's words come last. */
async function eventsHeard(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const words = `words ${heard.size}`
  heard.set(words, resolve)
  const direct = server.state.direct([server.bot.id, server.state.user('bob').id], server.bot)
  server.write('bob', direct.id, words)
  await within(promise, 'bob is heard')
}

const deliver = (to: Destination) =>
  chat.deliver(deliveryTo(to), new MemoryCheckpoint(), SIGNAL).then(
    () => 'delivered',
    (error: unknown) => (error instanceof ChatError ? error.code : error),
  )

/** What a delivery asks for, besides the post itself. */
async function asked(to: Destination): Promise<string[]> {
  const before = server.requests.length
  expect(await deliver(to)).toBe('delivered')
  return server.requests
    .slice(before)
    .filter(({ method, path }) => method !== 'POST' || path !== '/posts')
    .map(({ method, path }) => `${method} ${path}`)
}

test('once it was asked, a delivery is one request, for a minute without websocket', async () => {
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  await deliver(to)
  expect(await asked(to)).toEqual([])
  elapsed += MINUTE - 1
  expect(await asked(to)).toEqual([])
  elapsed += 1
  expect((await asked(to)).join()).toContain('members')
})

test('resolving a target again asks nothing either', async () => {
  for (const target of [LAB, { kind: 'me' }, { kind: 'person', name: 'bob' }] as const) {
    await chat.resolve(target, ALICE, SIGNAL)
    const before = server.requests.length
    await chat.resolve(target, ALICE, SIGNAL)
    expect(server.requests.length).toBe(before)
  }
})

test('while the websocket tells changes, a delivery is one request for longer', async () => {
  await listen()
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  await deliver(to)
  elapsed += 9 * MINUTE
  expect(await asked(to)).toEqual([])
})

test.each([
  ['leaves the channel', (to: Destination) => server.leaves('alice', to.lane)],
  ['leaves the team', () => server.leavesTeam('alice')],
  ['is deactivated', () => server.deactivates('alice')],
])('somebody who %s posts nothing from that moment on', async (_, change) => {
  await listen()
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  expect(await deliver(to)).toBe('delivered')
  change(to)
  await eventsHeard()
  expect(await deliver(to)).toBe('not_allowed')
})

test.each(['leavesTeam', 'deactivates'] as const)(
  'without a websocket, somebody who %s is refused after a minute',
  async (change) => {
    const to = await chat.resolve(LAB, ALICE, SIGNAL)
    expect(await deliver(to)).toBe('delivered')
    server[change]('alice')
    elapsed += MINUTE
    expect(await deliver(to)).toBe('not_allowed')
  },
)

test('once the token of the bot was refused, the next post is refused at once', async () => {
  await listen()
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  await deliver(to)
  const expired = { kind: 'refusal', status: 401, id: 'expired' } as const
  server.fail('POST', /^\/posts$/, expired)
  await expect(deliver(to)).resolves.toBeUndefined()
  server.fail('GET', /./, expired, 5)
  await expect(chat.resolve(LAB, ALICE, SIGNAL)).rejects.toThrow('does not accept the token')
})

test('after a gap in the events everything is asked again', async () => {
  await listen()
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  await deliver(to)
  server.websocket.skip()
  await eventsHeard()
  expect((await asked(to)).join()).toContain('members')
})

test('once the bot is no longer in the channel it hears of no member, and trusts for a minute', async () => {
  await listen()
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  await deliver(to)
  server.leaves('jupyterpost', to.lane)
  await eventsHeard()
  elapsed += MINUTE
  expect(await deliver(to)).not.toBe('delivered')
})

test('a channel that is archived is not a target any more', async () => {
  await listen()
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  server.archives(to.lane)
  await eventsHeard()
  const refused = chat.resolve(LAB, ALICE, SIGNAL)
  await expect(refused).rejects.toMatchObject({ code: 'not_allowed' })
})

test('somebody who is invited after a refusal may post at once', async () => {
  server.addChannel('club', ['bob', 'jupyterpost'])
  const club: Target = { kind: 'channel', name: 'club' }
  await expect(chat.resolve(club, ALICE, SIGNAL)).rejects.toMatchObject({ code: 'unknown_target' })
  const channel = [...server.state.channels.values()].find(({ name }) => name === 'club')
  channel?.members.add(server.state.user('alice').id)
  expect((await chat.resolve(club, ALICE, SIGNAL)).lane).toBe(channel?.id)
})

test('the refused post of somebody who is no member leaves the bot in no channel', async () => {
  const club = server.addChannel('club', ['bob'])
  await expect(
    chat.resolve({ kind: 'channel', name: 'club' }, ALICE, SIGNAL),
  ).rejects.toMatchObject({ code: 'unknown_target' })
  expect(club.members).toEqual(new Set([server.state.user('bob').id]))
})
