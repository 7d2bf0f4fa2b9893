// Relay and chat go away while a notebook posts (docs/spec.md 4.1): a real kernel, its own local
// relay, which is killed at each step of a post, and a stand-in Mattermost that is down. Each post
// is in the channel once, in order.
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { until } from '../helpers/until.ts'
import { waitLock } from '../../post/relay/lock.ts'
import { RelayFile, relayLockPath } from '../../post/relay/relay-file.ts'
import { MattermostServer } from '../../service/test/helpers/mattermost.ts'
import { spawnProgram, temporaryFolder } from '../../service/test/helpers/relay.ts'
import type { Folder, Spawned } from '../../service/test/helpers/relay.ts'
import { openNotebook } from './helpers/notebook.ts'
import type { Notebook } from './helpers/notebook.ts'

const POSTS = /^\/posts$/

let folder: Folder
let chat: MattermostServer
let env: NodeJS.ProcessEnv
let notebook: Notebook
let number = 0
/** Each test has a channel of its own. */
let room: string
let channelId: string

beforeAll(async () => {
  folder = temporaryFolder()
  chat = await MattermostServer.start()
  chat.addUser(userInfo().username)
  env = {
    ...folder.env,
    MATTERMOST_URL: chat.url,
    MATTERMOST_TOKEN: chat.token,
    MATTERMOST_TEAM: chat.team,
  }
  notebook = await openNotebook(folder, env)
}, 60_000)

beforeEach(() => {
  number += 1
  room = `room${number}`
  channelId = chat.addChannel(room, [userInfo().username, chat.bot.username]).id
  chat.requests.length = 0
})

afterEach(async () => {
  killRelay()
  // The next test's relay may start before this one's is gone.
  const release = await waitLock(relayLockPath(env), 10_000)
  release?.()
})

afterAll(async () => {
  await notebook[Symbol.asyncDispose]()
  killRelay()
  await chat.close()
  folder[Symbol.dispose]()
})

/** Kills the relay named in relay.json; the kernel itself starts the next. */
function killRelay(): void {
  try {
    const path = join(folder.path, 'runtime', 'relay.json')
    process.kill(RelayFile.parse(JSON.parse(readFileSync(path, 'utf8'))).pid, 'SIGKILL')
  } catch (error) {
    // ENOENT: none was started; ESRCH: it is dead.
    if (!Error.isError(error) || !('code' in error)) throw error
  }
}

/**
 * The kernel may start its own relay meanwhile, to ask about an earlier post: that one makes room.
 */
async function dyingRelay(step: string): Promise<Spawned> {
  for (;;) {
    const relay = spawnProgram('../fixtures/dying-relay', [step, '1'], env)
    if ((await relay.line(/^Relay: /)) !== undefined) return relay
    await relay.exited
    killRelay()
  }
}

const post = (text: string) => notebook.run(`%post ${room} ${text}`)

/** The channel's messages without their first lines. */
const texts = () =>
  chat.messages(channelId).map(({ message }) => message.split('\n\n').slice(1).join('\n\n'))

async function shown(expected: string[]): Promise<void> {
  await until(() => texts().length >= expected.length, `the channel shows ${expected.join()}`, {
    saw: texts,
  })
  expect(texts()).toEqual(expected)
}

test.each([
  ['in the middle of its body', 'receiving'],
  ['before it is stored', 'before-commit'],
  ['when it is stored and not answered', 'committed'],
])(
  'a relay killed while it takes a post, %s: the kernel starts another, and the post is there once',
  async (_, step) => {
    await using relay = await dyingRelay(step)
    expect(await post('one')).toMatchObject({ status: 'ok' })
    expect(await relay.exited).toBe('SIGKILL')
    await post('two')
    await shown(['one', 'two'])
  },
  60_000,
)

test('a relay killed before it delivers delivers when it is back, before what is posted then', async () => {
  chat.fail('POST', POSTS, { kind: 'hang' })
  await post('one')
  await chat.arrived('POST', POSTS)
  killRelay()
  await post('two')
  await shown(['one', 'two'])
}, 60_000)

test('a relay killed when the chat has the post and it is not recorded does not deliver it again', async () => {
  chat.fail('POST', POSTS, { kind: 'silent' })
  await post('one')
  await shown(['one'])
  killRelay()
  await post('two')
  await shown(['one', 'two'])
}, 60_000)

test('a relay killed between two posts of one cell loses and doubles none', async () => {
  const cell = notebook.run(`for (let n = 1; n <= 6; n += 1) await post('number ' + n, '${room}')`)
  await chat.arrived('POST', POSTS, 2)
  killRelay()
  expect(await cell).toMatchObject({ status: 'ok' })
  await shown([1, 2, 3, 4, 5, 6].map((n) => `number ${n}`))
}, 60_000)

test('posts accepted while the chat is down arrive in order when it is back', async () => {
  await post('warm')
  await shown(['warm'])
  chat.fail('POST', POSTS, { kind: 'answer', status: 503, body: 'down' }, 2)
  chat.fail('POST', POSTS, { kind: 'reset' }, 1)
  for (const text of ['one', 'two', 'three'])
    expect(await post(text)).toMatchObject({
      status: 'ok',
      text: expect.stringContaining('Posted'),
    })
  await shown(['warm', 'one', 'two', 'three'])
}, 60_000)

test('a chat that does not answer at all: the post is accepted, and its target is resolved when it is back', async () => {
  killRelay()
  // More often than the relay asks while the kernel waits.
  chat.fail('GET', /./, { kind: 'answer', status: 502, body: 'down' }, 4)
  const { status, text } = await post('kept')
  expect(status).toBe('ok')
  expect(text).toMatch(/^Posted/)
  await shown(['kept'])
}, 60_000)

test('a post that the chat refuses later is told at the next cell, and delivered() rejects', async () => {
  chat.fail('POST', POSTS, { kind: 'refusal', status: 403, id: 'api.context.permissions' })
  const { status, ename, text } = await notebook.run(
    `var handle = await post('no', '${room}')\nawait handle.delivered()`,
  )
  expect({ status, ename }).toEqual({ status: 'error', ename: 'PostError' })
  expect(text).toContain('Mattermost does not allow')
  let told = ''
  const isTold = async () => (told = (await notebook.run('1')).text).includes('refused later')
  await until(isTold, 'the refusal is told', { saw: () => told })
  expect(told).toContain(`The post to ~${room} (Mattermost) was refused later`)
  expect(texts()).toEqual([])
}, 60_000)

test('an unknown channel names what is nearest among those allowed; nothing is posted', async () => {
  const { ename, text } = await notebook.run(`%post romo${number} hello`)
  expect(ename).toBe('PostError')
  expect(text).toContain(`romo${number}`)
  expect(text).toContain(room)
  expect(texts()).toEqual([])
}, 60_000)

test('one refused target of a list: none is posted to', async () => {
  const { ename } = await notebook.run(`%post ${room},@nobody hello`)
  expect(ename).toBe('PostError')
  expect(await post('next')).toMatchObject({ status: 'ok' })
  await shown(['next'])
}, 60_000)
