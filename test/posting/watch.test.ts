// The watch over running cells, end to end: a separate kernel process, a relay in another, and the
// inbox, whose reader says `stop` and `status`. A lease ends when a test says so, never because
// this machine is slow.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { until } from '../helpers/until.ts'
import { Client } from '../../kernel/test/helpers/client.ts'
import { spawnKernel } from '../../kernel/test/helpers/kernel.ts'
import type { Spawned } from '../../kernel/test/helpers/kernel.ts'
import { stateFolder } from '../../post/relay/folders.ts'
import { Spool } from '../../post/relay/spool.ts'
import { RelayFile } from '../../post/relay/relay-file.ts'
import { Feed } from '../../post/contract/schema.ts'
import type { ReadPost } from '../../post/contract/schema.ts'
import { MattermostServer } from '../../service/test/helpers/mattermost.ts'
import {
  authorized,
  events,
  spawnProgram,
  temporaryFolder,
} from '../../service/test/helpers/relay.ts'
import type { Folder, Spawned as Program } from '../../service/test/helpers/relay.ts'

const LONG = 60_000
const SPIN = 'for (;;) await new Promise((resolve) => setTimeout(resolve, 20))'

let folder: Folder
let relay: Program
let at: { url: string; token: string }
let kernel: Spawned
let client: Client

async function startRelay(args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<void> {
  relay = spawnProgram('../fixtures/watching-relay', args, { ...folder.env, ...env })
  await relay.line(/^Relay: /)
  const path = join(folder.path, 'runtime', 'relay.json')
  at = RelayFile.parse(JSON.parse(readFileSync(path, 'utf8')))
}

beforeEach(async () => {
  folder = temporaryFolder()
  await startRelay()
  const env = { ...folder.env, JPY_SESSION_NAME: 'work/train.ipynb' }
  kernel = await spawnKernel({ env: { ...env, NODE_OPTIONS: '--max-old-space-size=64' } })
  client = await new Client(kernel.connection).connect()
}, 30_000)

afterEach(async () => {
  client.close()
  await kernel.close()
  await relay[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

async function posts(): Promise<ReadPost[]> {
  const answer = await fetch(new URL('api/v1/posts', at.url), { headers: authorized(at.token) })
  return Feed.parse(await answer.json()).posts
}

/** The first post that is as wanted: checked whenever one changes. */
async function shown(is: (post: ReadPost) => boolean): Promise<ReadPost> {
  for await (const _ of events(at, '0')) {
    const found = (await posts()).find(is)
    if (found) return found
  }
  throw new Error('the relay ended')
}

const textOf = ({ blocks }: ReadPost) => JSON.stringify(blocks)
const says = (text: RegExp) => (post: ReadPost) =>
  post.status === 'delivered' && text.test(textOf(post))

async function say(post: ReadPost, text: string): Promise<void> {
  const answer = await fetch(new URL(`api/v1/posts/${post.id}/replies`, at.url), {
    method: 'POST',
    headers: { ...authorized(at.token), 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  })
  expect(answer.ok).toBe(true)
}

const database = () => join(folder.path, 'state', 'jupyterpost', 'jupyterpost.sqlite')

/** The kernel is killed, and three minutes pass. */
async function loseKernel(): Promise<void> {
  kernel.child.kill('SIGKILL')
  await kernel.exited
  using db = new DatabaseSync(database(), { timeout: 10_000 })
  expect(db.prepare('UPDATE watch SET lease_until = 0').run().changes).toBe(1)
}

/** Resolves when the relay keeps a watch, which shows nowhere before there is a post. */
async function watchStored(): Promise<void> {
  using db = new DatabaseSync(database(), { readOnly: true })
  await until(() => db.prepare('SELECT 1 FROM watch').get(), 'the relay keeps a watch')
}

const isWatched = (post: ReadPost) => post.watched === true

test(
  'a kernel that is killed while a live cell runs is told as lost contact in its thread, once',
  async () => {
    await client.send('execute_request', { code: `%%post --live @me Training\n${SPIN}` })
    const live = await shown(isWatched)
    await loseKernel()
    const lost = await shown(says(/Lost contact during cell 1 after \d+ s/))
    expect(lost.source).toMatchObject({ notebook: 'train.ipynb', executionCount: 1 })
    expect(lost.thread).toBe(live.thread)
    expect((await posts()).filter(says(/Lost contact/))).toHaveLength(1)
    expect((await posts()).filter(isWatched)).toEqual([])
  },
  LONG,
)

test(
  'a kernel that is killed while a cell runs under %autopost is told as lost contact, with no post before',
  async () => {
    await client.execute('%autopost runs')
    await client.send('execute_request', { code: SPIN })
    await watchStored()
    await loseKernel()
    const lost = await shown(says(/Lost contact during cell 2 after \d+ s/))
    expect(lost).toMatchObject({ target: 'runs', source: { notebook: 'train.ipynb' } })
    expect(await posts()).toHaveLength(1)
  },
  LONG,
)

test(
  'a relay that is killed between the loss and its delivery tells it once',
  async () => {
    relay.process.kill('SIGTERM')
    await relay.exited
    await startRelay(['die'])
    await client.send('execute_request', { code: `%%post --live @me Training\n${SPIN}` })
    await shown(isWatched)
    await loseKernel()
    expect(await relay.exited).toBe('SIGKILL')
    await startRelay()
    await shown(says(/Lost contact/))
    expect((await posts()).filter(says(/Lost contact/))).toHaveLength(1)
  },
  LONG,
)

test(
  'a relay that restarts while a cell runs goes on with its watch',
  async () => {
    await client.send('execute_request', { code: `%%post --live @me Training\n${SPIN}` })
    const live = await shown(isWatched)
    relay.process.kill('SIGKILL')
    await relay.exited
    await startRelay()
    await say(live, 'stop')
    await shown(({ id, source }) => id === live.id && source.status === 'interrupted')
    expect((await posts()).filter(says(/contact/))).toEqual([])
  },
  LONG,
)

test(
  '"stop" interrupts the cell, its post says so, and the next one is told that it has ended',
  async () => {
    const asked = client.execute(`%%post --live @me Training\n${SPIN}`)
    const live = await shown(isWatched)
    await say(live, 'please stop')
    await say(live, ' Stop ')
    expect((await asked).reply.content).toMatchObject({
      status: 'error',
      ename: 'KeyboardInterrupt',
    })
    await shown(({ id, source, watched }) => {
      return id === live.id && source.status === 'interrupted' && watched === undefined
    })
    expect((await client.execute('1 + 1')).reply.content).toMatchObject({ status: 'ok' })
    await say(live, 'stop')
    expect((await shown(says(/That cell has ended/))).status).toBe('delivered')
  },
  LONG,
)

test(
  'in Mattermost the person who posted stops and asks, by account, and nobody else does',
  async () => {
    const me = userInfo().username
    const chat = await MattermostServer.start()
    try {
      chat.addUser(me)
      chat.addUser('bob')
      const lab = chat.addChannel('lab', [me, 'bob', 'jupyterpost'])
      relay.process.kill('SIGTERM')
      await relay.exited
      await startRelay([], {
        MATTERMOST_URL: chat.url,
        MATTERMOST_TOKEN: chat.token,
        MATTERMOST_TEAM: chat.team,
      })
      const asked = client.execute(`%%post --live lab Training\nconsole.log('epoch 3')\n${SPIN}`)
      await shown(isWatched)
      const root_id = chat.messages(lab.id)[0]?.id
      chat.write('bob', lab.id, 'stop', { root_id })
      chat.write(me, lab.id, 'stop')
      chat.write(me, lab.id, 'status', { root_id })
      await shown((post) => post.watched === undefined && says(/epoch 3/)(post))
      const answers = chat.messages(lab.id).filter(({ message }) => message.includes('running'))
      expect(answers.map((one) => one.root_id)).toEqual(['', root_id])
      expect((await posts()).filter(isWatched)).toHaveLength(1)
      chat.write(me, lab.id, 'stop', { root_id })
      expect((await asked).reply.content).toMatchObject({ ename: 'KeyboardInterrupt' })
    } finally {
      await chat.close()
    }
  },
  LONG,
)

test(
  '"status" answers in the thread with the last lines, masked, and how long it runs',
  async () => {
    const code = `const API_TOKEN = 'abcdefgh' + '12345678'
for (let n = 1; n <= 30; n += 1) console.log('epoch', n)
console.error('not this')
console.log('token', API_TOKEN)
${SPIN}`
    await client.send('execute_request', { code: `%%post --live @me Training\n${code}` })
    const live = await shown(isWatched)
    await say(live, 'status')
    const answer = await shown((post) => post.id !== live.id && says(/epoch 30/)(post))
    expect(answer.thread).toBe(live.thread)
    expect(answer.source.durationMs).toBeGreaterThan(1000)
    expect(answer.blocks[0]).toMatchObject({ type: 'text', stream: 'stdout' })
    expect(textOf(answer)).toMatch(/token \[masked/)
    expect(textOf(answer)).not.toMatch(/abcdefgh|not this|epoch 11\b/)
    await client.ask('interrupt_request', {}, 'control')
  },
  LONG,
)

test(
  '"stop" in the thread of a progress post interrupts the cell that ticks',
  async () => {
    const start = "const p = await post.progress('@me', 'training', { total: 1000 })"
    expect((await client.execute(start)).reply.content).toMatchObject({ status: 'ok' })
    const asked = client.execute(
      'for (;;) { p.tick(); await new Promise((resolve) => setTimeout(resolve, 20)) }',
    )
    await say(await shown(isWatched), 'stop')
    expect((await asked).reply.content).toMatchObject({ ename: 'KeyboardInterrupt' })
    await shown(says(/\*\*interrupted\*\*/))
  },
  LONG,
)

test(
  'a server that stops is told by the post of a live cell and by %autopost before the kernel ends',
  async () => {
    await client.execute('%autopost runs')
    await client.send('execute_request', { code: `%%post --live @me Training\n${SPIN}` })
    await shown(isWatched)
    kernel.child.kill('SIGTERM')
    expect(await kernel.exited).toBe(0)
    const live = await shown(says(/The server stopped during cell 2 after \d+ s/))
    expect(live.source).toMatchObject({ status: 'failed' })
    expect((await posts()).filter(isWatched)).toEqual([])
  },
  LONG,
)

test(
  'a server that stops while %autopost is on is told with the cell and what it showed',
  async () => {
    await client.execute('%autopost @me')
    await client.send('execute_request', { code: `console.log('epoch 3')\n${SPIN}` })
    await client.until(({ content }) => content['text'] === 'epoch 3\n')
    kernel.child.kill('SIGTERM')
    expect(await kernel.exited).toBe(0)
    const told = await shown(says(/The server stopped during cell 2/))
    expect(textOf(told)).toContain('epoch 3')
    expect(told.source).toMatchObject({ status: 'failed', executionCount: 2 })
  },
  LONG,
)

test(
  'a server that stops while the relay is away keeps what it has to say for later',
  async () => {
    const env = { ...folder.env, JUPYTERPOST_URL: 'http://127.0.0.1:1/', JUPYTERPOST_TOKEN: 'none' }
    const other = await spawnKernel({ env })
    const alone = await new Client(other.connection).connect()
    try {
      await alone.execute('%autopost @me')
      await alone.send('execute_request', { code: `console.log('epoch 3')\n${SPIN}` })
      await alone.until(({ content }) => content['text'] === 'epoch 3\n')
      other.child.kill('SIGTERM')
      expect(await other.exited).toBe(0)
    } finally {
      alone.close()
      await other.close()
    }
    const [waiting] = await new Spool(stateFolder(folder.env)).entries()
    expect(JSON.stringify(waiting?.head)).toMatch(/epoch 3.*The server stopped during cell 2/)
  },
  LONG,
)

test(
  'a shutdown that was asked for ends the watch and posts nothing for %autopost',
  async () => {
    await client.execute('%autopost runs')
    await client.send('execute_request', { code: `%%post --live @me Training\n${SPIN}` })
    const live = await shown(isWatched)
    await client.ask('shutdown_request', { restart: true }, 'control')
    expect(await kernel.exited).toBe(0)
    await shown(({ id, watched }) => id === live.id && watched === undefined)
    expect((await posts()).filter(says(/server stopped|contact/))).toEqual([])
    expect((await posts()).filter(({ target }) => target === 'runs')).toEqual([])
  },
  LONG,
)

test.each([
  ['process.exit(3)', /process\.exit\(3\) was called/],
  ['const all = []\nfor (;;) all.push(new Array(1e5).fill(Math.random()))', /ran out of memory/],
])(
  'a cell whose process dies by %j is told by %autopost with what happened',
  async (code, what) => {
    await client.execute('%autopost @me')
    await client.execute(code)
    const told = await shown(says(what))
    expect(told.source).toMatchObject({ status: 'failed', executionCount: 2 })
    expect(told.source.notebook).toBe('train.ipynb')
  },
  LONG,
)

test(
  'a timer of an ended cell that ends the process is told by %autopost once',
  async () => {
    await client.execute('%autopost @me')
    await client.execute('setTimeout(() => process.exit(4), 300)')
    const told = await shown(says(/process\.exit\(4\) was called/))
    expect(textOf(told)).toMatch(/No cell was running: it happened \d+ s after cell 2 ended/)
    await client.execute('1 + 1')
    expect((await posts()).filter(says(/process\.exit/))).toHaveLength(1)
  },
  LONG,
)

test(
  'a live cell whose process dies shows its end, although its title names what is gone',
  async () => {
    await client.execute("const run = 'seven'")
    await client.execute('%%post --live @me Run ${run}\nprocess.exit(3)')
    const told = await shown(says(/process\.exit\(3\) was called/))
    expect(textOf(told)).not.toContain('running')
    expect(told.source).toMatchObject({ status: 'failed', executionCount: 2 })
  },
  LONG,
)
