// What a chat takes away while posts for it wait: its team, the bot's account, the bot's place in a
// channel. Whoever posted learns what became of the post, and nobody else's post is held up.
import { afterEach, beforeEach, expect, test } from '@jest/globals'

import { Accepted, ReadPost } from '../../../post/contract/schema.ts'
import { until } from '../../../test/helpers/until.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import type { TestHub } from '../helpers/hub.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { authorized, message, send, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'
import { hubEnvironment, people } from './helpers/hub-relay.ts'

const PEOPLE = 6
const MINUTE = 60_000

let folder: Folder
let hub: TestHub
let chat: MattermostServer
let relay: TestRelay
let names: string[]

beforeEach(async () => {
  folder = temporaryFolder()
  hub = await startHub()
  chat = await MattermostServer.start()
  names = people(hub, PEOPLE, chat)
  for (const channel of ['lab', 'runs']) chat.addChannel(channel, names)
  chat.addChannel('den', [...names, 'jupyterpost'], 'P')
  relay = await testRelay(hubEnvironment({ folder, hub, chat }))
})

afterEach(async () => {
  await relay[Symbol.asyncDispose]()
  await chat.close()
  await hub[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const as = (name: string) => ({ url: relay.url, token: `t-${name}` })

async function accepted(name: string, target: string, text: string): Promise<string> {
  const answer = await send(as(name), message(text, target))
  expect({ status: answer.status, target }).toEqual({ status: 202, target })
  return Accepted.parse(await answer.json()).posts[0]?.id ?? ''
}

async function read(name: string, id: string): Promise<ReadPost> {
  const url = new URL(`api/v1/posts/${id}`, relay.url)
  const answer = await fetch(url, { headers: authorized(`t-${name}`) })
  return ReadPost.parse(await answer.json())
}

async function readiness(): Promise<string> {
  hub.users.set('t-root', { name: 'root', scopes: [GRANT], admin: true })
  const answer = await fetch(new URL('ready', relay.url), { headers: authorized('t-root') })
  return answer.text()
}

/** Posts of everybody to these targets, once each has a first post in the chat. */
async function everybodyPosts(text: string, ...targets: string[]) {
  const posts = names.flatMap((name) => targets.map((target) => ({ name, target })))
  return Promise.all(
    posts.map(async (post) => ({ ...post, id: await accepted(post.name, post.target, text) })),
  )
}

/** Posts that wait, because the chat takes none until it heals. */
async function acceptedWhileAway(...targets: string[]) {
  chat.fail('POST', /^\/posts$/, { kind: 'answer', status: 503, body: 'away' }, Infinity)
  return everybodyPosts('late', ...targets)
}

async function untilStatus(posts: { name: string; id: string }[], status: ReadPost['status']) {
  await until(
    async () => {
      const all = await Promise.all(posts.map(({ name, id }) => read(name, id)))
      return all.every((post) => post.status === status)
    },
    `all of ${posts.length} posts are ${status}`,
    { saw: async () => Promise.all(posts.map(async ({ name, id }) => read(name, id))) },
  )
}

test('a team that is deleted: each post for it ends with a sentence, and the inbox goes on', async () => {
  await untilStatus(await everybodyPosts('before', 'lab', 'runs', 'den'), 'delivered')
  const waiting = await acceptedWhileAway('lab', 'runs', 'den')
  chat.deletesTeam()
  chat.heal()
  const elsewhere = await everybodyPosts('to the inbox', 'inbox:@me')
  await untilStatus(elsewhere, 'delivered')
  // What was remembered of the team is too old.
  relay.clock.ms += 11 * MINUTE
  await until(async () => (await readiness()).includes('sees no team \\"qt\\"'), '/ready says so')
  const [first] = waiting
  if (!first) throw new Error('nothing waits')
  await until(
    async () => /team|no longer|allow/.test((await read(first.name, first.id)).error ?? ''),
    'the sender learns why',
    { saw: () => read(first.name, first.id) },
  )
  const late = await Promise.all(waiting.map(({ name, id }) => read(name, id)))
  expect(late.filter(({ status }) => status === 'delivered')).toEqual([])
  expect(chat.state.posts.filter(({ message: text }) => text.includes('late'))).toEqual([])
}, 60_000)

test('a bot whose account is disabled: nothing is given up, and all arrives when it is back', async () => {
  await untilStatus(await everybodyPosts('before', 'lab', '@me'), 'delivered')
  const waiting = await acceptedWhileAway('lab', '@me')
  chat.botIsDisabled = true
  chat.heal()
  await untilStatus(await everybodyPosts('to the inbox', 'inbox:@me'), 'delivered')
  const [first] = waiting
  await until(
    async () => (await read('person00', first?.id ?? '')).error?.includes('token of the bot'),
    'the sender learns why',
  )
  expect(await readiness()).toContain('does not accept the token of the bot')
  for (let minutes = 0; minutes < 60; minutes += 10) {
    relay.clock.ms += 10 * MINUTE
    await accepted('person01', 'inbox:@me', `after ${minutes} minutes`)
  }
  chat.botIsDisabled = false
  relay.clock.ms += MINUTE
  await accepted('person01', 'inbox:@me', 'now')
  await untilStatus(waiting, 'delivered')
  const texts = chat.state.posts.filter(({ message: text }) => text.includes('late'))
  expect(texts).toHaveLength(waiting.length)
}, 60_000)

test('a bot that is removed from a private channel: those posts end with a sentence, all others arrive', async () => {
  await untilStatus(await everybodyPosts('before', 'lab', 'den'), 'delivered')
  const den = [...chat.state.channels.values()].find(({ name }) => name === 'den')
  chat.leaves('jupyterpost', den?.id ?? '')
  // It may be refused at once, or, while the relay still remembers the channel, later.
  const answers = await Promise.all(
    names.map(async (name) => ({ name, answer: await send(as(name), message('late', 'den')) })),
  )
  const others = await everybodyPosts('late', 'lab', '@me')
  await untilStatus(others, 'delivered')
  for (const { name, answer } of answers) {
    if (answer.status !== 202) {
      expect(answer.status).toBe(404)
      continue
    }
    const { id = '' } = Accepted.parse(await answer.json()).posts[0] ?? {}
    await untilStatus([{ name, id }], 'dead')
    expect((await read(name, id)).error).toMatch(/no longer post|does not allow the bot/)
  }
  const shown = chat.state.posts.filter(({ channel_id: id }) => id === den?.id)
  expect(shown).toHaveLength(PEOPLE)
}, 60_000)

test('a bot that is removed from a public channel comes back to it, and from the team it is told', async () => {
  await untilStatus(await everybodyPosts('before', 'lab'), 'delivered')
  const lab = [...chat.state.channels.values()].find(({ name }) => name === 'lab')
  chat.leaves('jupyterpost', lab?.id ?? '')
  relay.clock.ms += 2 * MINUTE
  await untilStatus(await everybodyPosts('again', 'lab'), 'delivered')
  chat.leavesTeam('jupyterpost')
  relay.clock.ms += 11 * MINUTE
  await until(async () => (await readiness()).includes('sees no team \\"qt\\"'), '/ready says so')
}, 60_000)
