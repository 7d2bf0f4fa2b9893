// A person links their chat account by a code: a real relay, a stand-in chat, and what the
// account's owner reads there.
import { writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import pino from 'pino'
import { z } from 'zod'

import { until } from '../../../test/helpers/until.ts'
import { LinkAnswer, linkRequest } from '../../../post/contract/identity.ts'
import { RelayPoster } from '../../../post/relay/poster.ts'
import { Problem } from '../../../post/contract/schema.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import type { Post } from '../helpers/mattermost-state.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { authorized, message, send, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

const ME = userInfo().username

let server: MattermostServer
let folder: Folder
let relay: TestRelay
let lines: string[]

async function start(options: object, more: object = {}): Promise<void> {
  const { url, token, team } = server
  const chats = { mattermost: { type: 'mattermost', url, team, token, options }, ...more }
  const config = join(folder.path, 'config.json')
  writeFileSync(config, JSON.stringify({ chats, default: 'mattermost' }))
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) })
  relay = await testRelay({ ...folder.env, JUPYTERPOST_CONFIG: config }, { log })
}

beforeEach(async () => {
  lines = []
  folder = temporaryFolder()
  server = await MattermostServer.start()
  for (const name of ['ada', 'bob']) server.addUser(name)
})

afterEach(async () => {
  await relay[Symbol.asyncDispose]()
  await server.close()
  folder[Symbol.dispose]()
})

async function call(path: string, body: unknown): Promise<{ status: number; json: unknown }> {
  const response = await fetch(new URL(path, relay.url), {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { ...authorized(relay.token), 'content-type': 'application/json' },
  })
  return { status: response.status, json: await response.json() }
}

const ask = (name: string, service?: string) => call('api/v1/identity', { name, service })
const confirm = (code: string) => call('api/v1/identity/code', { code })
const answer = async (work: ReturnType<typeof call>) => LinkAnswer.parse((await work).json)
const problem = async (work: ReturnType<typeof call>) => Problem.parse((await work).json)

/** What the bot wrote only to this account, oldest first. */
function letters(username: string): Post[] {
  const { id } = server.state.user(username)
  return server.state.posts.filter(
    (post) => server.state.channels.get(post.channel_id)?.name.includes(id) === true,
  )
}

function codes(username: string): string[] {
  return letters(username).flatMap(({ message: text }) => /\d{4}-\d{4}/.exec(text)?.[0] ?? [])
}

/** Asks for a code and reads it as the owner of the account does. */
async function codeOf(username: string): Promise<string> {
  const before = codes(username).length
  expect(await answer(ask(username))).toMatchObject({ state: 'sent' })
  for (let posts = 1; codes(username).length === before; posts += 1)
    await server.arrived('POST', /^\/posts$/, posts)
  return codes(username).at(-1) ?? ''
}

async function postToMe(): Promise<string> {
  const response = await send(relay, message('hello', '@me'))
  const Answer = z.union([
    Problem,
    z.object({ posts: z.array(z.object({ destination: z.string() })) }),
  ])
  const json = Answer.parse(await response.json())
  return 'posts' in json ? (json.posts[0]?.destination ?? '') : `${json.code}: ${json.detail}`
}

test('without a link a post names the step; a code from the chat links the account, and another one replaces it', async () => {
  await start({ identity: 'code' })
  expect(await postToMe()).toBe(
    `identity_not_linked: No Mattermost account is linked to ${ME}; link yours: %post --link mattermost:NAME, with your user name at Mattermost, makes the bot send you a code there`,
  )
  const code = await codeOf('ada')
  expect(letters('ada')[0]?.message).toContain(
    `**${ME}** on the Hub says that this account is theirs`,
  )
  expect(letters('ada')[0]?.message).toContain(`%post --link ${code}`)
  expect(await answer(confirm(code))).toEqual({
    state: 'linked',
    message: '@ada (Mattermost) is now your account: @me goes there, and you may post where it may',
  })
  expect(await postToMe()).toBe('@ada (Mattermost)')
  await confirm(await codeOf('bob'))
  expect(await postToMe()).toBe('@bob (Mattermost)')
})

test('a client links in two steps, and a refusal says what to do', async () => {
  await start({ identity: 'code' })
  const poster = new RelayPoster({
    url: relay.url,
    token: relay.token,
    env: folder.env,
    relayProgram: '',
  })
  const link = (word: string) => poster.link(linkRequest(word))
  expect(await link('@ada')).toMatchObject({ state: 'sent' })
  await until(() => codes('ada').length > 0, 'the code arrives')
  expect(await link(codes('ada')[0] ?? '')).toMatchObject({ state: 'linked' })
  await expect(link(codes('ada')[0] ?? '')).rejects.toMatchObject({
    code: 'wrong_code',
    message: expect.stringContaining('%post --link NAME'),
  })
  const away = new RelayPoster({
    url: 'http://127.0.0.1:1/',
    token: 'x',
    env: folder.env,
    relayProgram: '',
  })
  await expect(away.link(linkRequest('ada'))).rejects.toMatchObject({ code: 'relay_away' })
})

test('the answer to a wish is the same for a member, a stranger, a bot and nobody, and only the member is written to', async () => {
  server.addUser('stranger', { inTeam: false })
  await start({ identity: 'code' })
  const said = new Set<string>()
  for (const name of ['nobody', 'stranger', 'jupyterpost']) {
    const { state, message: words } = await answer(ask(name))
    said.add(`${state}: ${words.replace(name, 'NAME')}`)
  }
  relay.clock.ms += 60 * 60_000
  await codeOf('ada')
  said.add(`sent: ${(await answer(ask('@ADA'))).message.replace('@ADA', 'NAME')}`)
  expect([...said]).toEqual([
    'sent: If NAME is a user name there, its bot has written to that account. Type the code that it sent within 10 minutes: %post --link CODE',
  ])
  const strangers = ['stranger', 'jupyterpost'].map((name) => server.state.user(name).id)
  const direct = server.sent('POST', /^\/channels\/direct$/).map(({ json }) => json)
  expect(direct.flat()).not.toContain(strangers[0])
})

test('a code is valid once, for ten minutes, for five tries, and for the person who asked for it', async () => {
  await start({ identity: 'code' })
  const used = await codeOf('ada')
  expect(await answer(confirm(used))).toMatchObject({ state: 'linked' })
  expect(await problem(confirm(used))).toMatchObject({ code: 'wrong_code' })

  const old = await codeOf('ada')
  relay.clock.ms += 10 * 60_000
  expect(await problem(confirm(old))).toMatchObject({ code: 'wrong_code' })

  const guessed = await codeOf('bob')
  const wrong = guessed === '0000-0000' ? '0000-0001' : '0000-0000'
  // Also at the same time.
  await Promise.all(Array.from({ length: 5 }, () => confirm(wrong)))
  expect(await problem(confirm(guessed))).toMatchObject({ code: 'wrong_code' })
  expect(await postToMe()).toBe('@ada (Mattermost)')
})

test('a person who tries many codes has to wait, because each costs the relay some time', async () => {
  await start({ identity: 'code' })
  const tries = await Promise.all(Array.from({ length: 31 }, () => confirm('0000-0000')))
  const refused = tries.map(({ json }) => Problem.parse(json).code)
  expect(refused.filter((code) => code === 'wrong_code')).toHaveLength(30)
  expect(await problem(confirm('0000-0000'))).toMatchObject({
    code: 'too_many_codes',
    detail: expect.stringContaining('try again in 60 min'),
  })
})

test('a newer code ends the older one, and after three in an hour there is none', async () => {
  await start({ identity: 'code' })
  const [first, second] = [await codeOf('ada'), await codeOf('ada')]
  expect(await problem(confirm(first))).toMatchObject({ code: 'wrong_code' })
  expect(await answer(confirm(second))).toMatchObject({ state: 'linked' })
  await codeOf('bob')
  relay.clock.ms += 59 * 60_000
  expect(await problem(ask('nobody'))).toMatchObject({
    code: 'too_many_codes',
    detail: 'At most 3 codes an hour are sent for one person; try again in 1 min',
  })
  relay.clock.ms += 60_000
  await codeOf('ada')
})

test('a code outlives the relay, and no disk and no log has it', async () => {
  await start({ identity: 'code' })
  const code = await codeOf('ada')
  await relay[Symbol.asyncDispose]()
  const db = new Database(join(folder.path, 'state', 'jupyterpost', 'jupyterpost.sqlite'), SCHEMA)
  const stored = JSON.stringify(db.all('SELECT * FROM link_code'))
  db.close()
  expect(stored).toContain(server.state.user('ada').id)
  await start({ identity: 'code' })
  expect(await answer(confirm(code))).toMatchObject({ state: 'linked' })
  for (const text of [stored, lines.join('\n')]) {
    expect(text).not.toContain(code)
    expect(text).not.toContain(server.token)
  }
})

test.each([
  [
    { identity: 'same-name' },
    `No link is needed: your account at Mattermost (mattermost) is the one with your own name, @${ME.toLowerCase()}`,
  ],
  [
    { identity: 'map', names: { [ME]: 'Ada' } },
    "No link is needed: the relay's admin says that your account at Mattermost (mattermost) is @ada",
  ],
  [
    { identity: 'code', names: { [ME]: 'ada' } },
    "No link is needed: the relay's admin says that your account at Mattermost (mattermost) is @ada",
  ],
  [
    { identity: 'map' },
    "The relay's admin lists who has which account at Mattermost (mattermost), and you are not on the list: ask the admin",
  ],
])('with %j nothing is sent and the answer says why', async (options, words) => {
  await start(options)
  expect(await answer(ask('bob'))).toEqual({ state: 'unneeded', message: words })
  expect(server.sent('POST', /./)).toEqual([])
})

test('another service is named before the name; the inbox needs no link, and one that is not there is refused', async () => {
  const { token } = server.addBot('second')
  const { url, team } = server
  const second = { type: 'mattermost', url, team, token, options: { identity: 'code' } }
  await start({ identity: 'same-name' }, { second })
  expect(await answer(ask('ada', 'second'))).toMatchObject({ state: 'sent' })
  await server.arrived('POST', /^\/posts$/)
  expect(server.state.user(letters('ada')[0]?.user_id ?? '').username).toBe('second')
  expect(await answer(ask('ada', 'inbox'))).toMatchObject({ state: 'unneeded' })
  expect(await problem(ask('ada', 'third'))).toMatchObject({
    code: 'unknown_target',
    detail: 'There is no chat service third; this relay has mattermost, second, inbox',
  })
})

test('if the chat is away, the person learns it at once and no code is used up', async () => {
  await start({ identity: 'code' })
  server.fail('GET', /users\/me$/, { kind: 'answer', status: 502, body: '' }, 100)
  for (let n = 0; n < 4; n += 1)
    expect(await problem(ask('ada'))).toMatchObject({
      code: 'chat_refuses',
      detail: 'Mattermost answered 502. Nothing was sent; try again later',
    })
})

test.each([
  ['api/v1/identity', 'no json'],
  ['api/v1/identity', {}],
  ['api/v1/identity', { name: '' }],
  ['api/v1/identity', { name: 'ada', service: '../x' }],
  ['api/v1/identity/code', { code: '12345678' }],
  ['api/v1/identity/code', { code: 12345678 }],
])('%s refuses %j', async (path, body) => {
  await start({ identity: 'code' })
  expect(await problem(call(path, body))).toMatchObject({ status: 400, code: 'bad_request' })
})

test('without a token nobody links anything', async () => {
  await start({ identity: 'code' })
  const response = await fetch(new URL('api/v1/identity', relay.url), { method: 'POST' })
  expect(response.status).toBe(403)
})
