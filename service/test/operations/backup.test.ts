// A backup while the relay runs, and a restore: what was accepted before the backup arrives once,
// also what was delivered between the two, which the backup cannot know.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'

import { Accepted, Feed } from '../../../post/contract/schema.ts'
import { RelayFile, relayFilePath } from '../../../post/relay/relay-file.ts'
import { readFileSync } from 'node:fs'
import { until } from '../../../test/helpers/until.ts'
import { backUp } from '../../backup.ts'
import { restore } from '../../restore.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import {
  allDelivered,
  authorized,
  message,
  send,
  spawnProgram,
  temporaryFolder,
  testRelay,
} from '../helpers/relay.ts'
import type { Folder, Spawned } from '../helpers/relay.ts'

jest.setTimeout(60_000)

let folder: Folder
let server: MattermostServer
let started: Spawned[] = []

beforeEach(async () => {
  folder = temporaryFolder()
  server = await MattermostServer.start()
  server.addUser(userInfo().username)
  server.addChannel('lab', [userInfo().username])
})

afterEach(async () => {
  await Promise.all(started.map((one) => one[Symbol.asyncDispose]()))
  started = []
  await server.close()
  folder[Symbol.dispose]()
})

const database = () => join(folder.path, 'state', 'jupyterpost', 'jupyterpost.sqlite')
const file = (name: string) => join(folder.path, name)
const texts = () => server.state.posts.map((post) => post.message)
const times = (words: string) => texts().filter((text) => text.includes(words)).length

async function start(): Promise<Spawned & { url: string; token: string }> {
  const relay = spawnProgram('../../main', ['--mode', 'local'], {
    ...folder.env,
    MATTERMOST_URL: server.url,
    MATTERMOST_TEAM: server.team,
    MATTERMOST_TOKEN: server.token,
  })
  started.push(relay)
  const url = (await relay.line(/^Relay: /))?.replace('Relay: ', '') ?? relay.stderr()
  const own = RelayFile.parse(JSON.parse(readFileSync(relayFilePath(folder.env), 'utf8')))
  return { ...relay, url, token: own.token }
}

async function run(...words: string[]): Promise<{ code: number | string; text: string }> {
  const program = spawnProgram('../../../cli/main', ['relay', ...words], folder.env)
  const line = await program.line(/./)
  return { code: await program.exited, text: `${line ?? ''}${program.stderr()}` }
}

const post = async (at: { url: string; token: string }, text: string, files: File[] = []) => {
  const blocks = [{ type: 'message', text }, ...files.map((_, n) => ({ type: 'file', file: n }))]
  const answer = await send(at, { targets: ['lab'], blocks }, { files })
  return Accepted.parse(await answer.json()).posts[0]?.id ?? ''
}

async function kill(relay: Spawned): Promise<void> {
  relay.process.kill('SIGKILL')
  await relay.exited
}

function loseDatabase(): void {
  mkdirSync(file('lost'))
  for (const name of readdirSync(join(database(), '..')))
    if (name.startsWith('jupyterpost.sqlite') && !name.includes('.lock'))
      renameSync(join(database(), '..', name), join(file('lost'), name))
}

const BUSY = { kind: 'answer', status: 503, body: 'away' } as const

test('what waited at the backup arrives once, whether it was delivered after the backup or not', async () => {
  const before = await start()
  await allDelivered(before, [await post(before, 'delivered before')])
  // The chat is away while the backup is made.
  server.fail('POST', /^\/posts$/, BUSY, 1000)
  await post(before, 'tried before, delivered between')
  // Behind the other one, so no attempt left a trace of it in the backup.
  await post(before, 'untouched, delivered between', [new File(['content'], 'plot.txt')])
  await post(before, 'delivered never')
  await until(() => server.sent('POST', /^\/posts$/).length > 1, 'a delivery is tried')
  expect(await run('backup', file('a.backup'))).toMatchObject({ code: 0 })
  server.heal()
  await until(() => times('delivered never') === 1, 'both are delivered', { saw: texts })
  await kill(before)
  // As if the relay had died before the second one.
  const last = server.state.posts.findIndex((one) => one.message.includes('delivered never'))
  server.state.posts.splice(last, 1)
  loseDatabase()
  const documented = 'jupyterpost relay restore relay.backup'
  const words = documented.replace('relay.backup', file('a.backup')).split(' ').slice(2)
  expect(await run(...words)).toEqual({
    code: 0,
    text: expect.stringContaining('3 posts wait; the chat is asked for each before it is sent'),
  })
  const after = await start()
  await until(() => times('delivered never') === 1, 'it arrives', { saw: texts })
  const { posts } = Feed.parse(
    await (
      await fetch(new URL('api/v1/posts', after.url), { headers: authorized(after.token) })
    ).json(),
  )
  await allDelivered(
    after,
    posts.map(({ id }) => id),
  )
  for (const sent of ['delivered before', 'tried before', 'untouched', 'delivered never'])
    expect([sent, times(sent)]).toEqual([sent, 1])
  // Its file is not attached again either.
  expect(server.state.posts).toHaveLength(4)
  using db = new DatabaseSync(database(), { readOnly: true })
  const restored = db.prepare(`SELECT why FROM audit WHERE deed = 'restored'`).all()
  expect(restored).toEqual([
    { why: expect.stringMatching(/^from a backup whose last event was at /) },
  ])
})

const list = async (at: { url: string; token: string }, query: string) =>
  Feed.parse(
    await (
      await fetch(new URL(`api/v1/posts${query}`, at.url), { headers: authorized(at.token) })
    ).json(),
  )

test('readers that saw events after the backup get those after the restore', async () => {
  const first = await testRelay(folder.env)
  const one = Accepted.parse(await (await send(first, message('one', '@me'))).json()).posts[0]
  await allDelivered(first, [one?.id ?? ''])
  await backUp(database(), file('a.backup'))
  for (let n = 0; n < 30; n += 1) await send(first, message(`lost ${n}`, '@me'))
  const { cursor } = await list(first, '')
  await first[Symbol.asyncDispose]()
  loseDatabase()
  restore(file('a.backup'), database(), Date.now())
  const second = await testRelay(folder.env)
  await using _ = second
  const two = Accepted.parse(await (await send(second, message('two', '@me'))).json()).posts[0]
  // Two reads: the gap, which is skipped at once, and what comes after it.
  const gap = await list(second, `?since=${cursor}`)
  const { posts } = await list(second, `?since=${gap.cursor}`)
  expect(posts.map(({ id }) => id)).toEqual([two?.id])
})

test('posts are accepted while a backup is made, and it is the state of one moment', async () => {
  const relay = await testRelay(folder.env)
  await using _ = relay
  const bytes = new Uint8Array(20 * 1024 * 1024).fill(7)
  const large = { targets: ['@me'], blocks: [{ type: 'file', file: 0 }] }
  await send(relay, large, { files: [new File([bytes], 'large.bin')] })
  const copy = { isDone: false }
  const copying = backUp(database(), file('a.backup')).finally(() => {
    copy.isDone = true
  })
  let sent = 0
  while (!copy.isDone) {
    expect((await send(relay, message(`meanwhile ${sent}`, '@me'))).status).toBe(202)
    sent += 1
  }
  await copying
  expect(sent).toBeGreaterThan(0)
  using db = new DatabaseSync(file('a.backup'), { readOnly: true })
  const count = (sql: string) => Number(db.prepare(sql).get()?.n)
  expect(count('SELECT count(*) AS n FROM blob')).toBe(1)
  // A post is there with its event, or not at all.
  expect(count('SELECT count(*) AS n FROM post')).toBe(
    count(`SELECT count(*) AS n FROM event WHERE kind = 'accepted'`),
  )
})

test('a backup is private, complete in one file, and takes the place of nothing', async () => {
  const relay = await testRelay(folder.env)
  await using _ = relay
  await send(relay, message('hello', '@me'))
  expect((await run('backup', file('a.backup'))).code).toBe(0)
  expect(statSync(file('a.backup')).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder.path).filter((name) => name.includes('a.backup'))).toEqual(['a.backup'])
  const first = readFileSync(file('a.backup'))
  expect(await run('backup', file('a.backup'))).toEqual({
    code: 1,
    text: expect.stringContaining('exists already: name a new file'),
  })
  symlinkSync(file('nowhere'), file('link'))
  expect((await run('backup', file('link'))).code).toBe(1)
  expect(readFileSync(file('a.backup')).equals(first)).toBe(true)
  expect(existsSync(file('nowhere'))).toBe(false)
  expect(await run('backup', join(folder.path, 'no', 'such'))).toMatchObject({ code: 1 })
  expect(await run('backup')).toMatchObject({ code: 2 })
  expect(await run('backup', file('b'), '--database', file('none'))).toEqual({
    code: 1,
    text: expect.stringContaining('There is no database'),
  })
})

test('a large file, which is kept beside the database, is in the backup', async () => {
  const bytes = Buffer.alloc(3 * 1024 * 1024, '\0\u0001')
  const attached = { targets: ['@me'], blocks: [{ type: 'file', file: 0 }] }
  const relay = await testRelay(folder.env)
  const sent = await send(relay, attached, { files: [new File([bytes], 'a.bin')] })
  const id = Accepted.parse(await sent.json()).posts[0]?.id ?? ''
  await allDelivered(relay, [id])
  expect((await run('backup', file('a.backup'))).code).toBe(0)
  await relay[Symbol.asyncDispose]()
  renameSync(join(folder.path, 'state'), file('lost'))
  restore(file('a.backup'), database(), Date.now())
  await using restored = await testRelay(folder.env)
  const answer = await fetch(new URL(`api/v1/posts/${id}/files/0`, restored.url), {
    headers: authorized(restored.token),
  })
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
})

test('a restore needs a stopped relay, a free place and a whole backup', async () => {
  const relay = await testRelay(folder.env)
  await send(relay, message('hello', '@me'))
  await backUp(database(), file('a.backup'))
  const refused = async (backup: string, words: string) =>
    expect(await run('restore', backup)).toEqual({ code: 1, text: expect.stringContaining(words) })
  await refused(file('a.backup'), 'A relay is using')
  await relay[Symbol.asyncDispose]()
  await refused(file('a.backup'), 'is in the way: move it to another folder first')
  loseDatabase()
  await refused(file('none'), 'There is no file')
  writeFileSync(file('text'), 'not a database, but long enough to be looked at '.repeat(50))
  await refused(file('text'), 'file is not a database')
  const other = new DatabaseSync(file('other'))
  other.exec('CREATE TABLE a (b)')
  other.close()
  await refused(file('other'), 'tables of another program')
  writeFileSync(file('cut'), readFileSync(file('a.backup')))
  truncateSync(file('cut'), statSync(file('cut')).size / 2)
  await refused(file('cut'), '')
  expect(existsSync(database())).toBe(false)
  chmodSync(file('a.backup'), 0o644)
  expect((await run('restore', file('a.backup'))).code).toBe(0)
  expect(statSync(database()).mode & 0o777).toBe(0o600)
})

test('a restored database lets no browser in and reports no cell as lost', async () => {
  const relay = await testRelay(folder.env)
  await send(relay, message('hello', '@me'))
  await relay[Symbol.asyncDispose]()
  const fill = new DatabaseSync(database())
  fill.exec(`INSERT INTO page_key VALUES ('k', 1, 'x', 'y', 1);
    INSERT INTO watch (id, person, groups, thread, source, started, renewed, lease_until, state)
      VALUES ('w', 'ada', '[]', 't', '{}', 1, 1, 1, 'live')`)
  fill.close()
  await backUp(database(), file('a.backup'))
  loseDatabase()
  restore(file('a.backup'), database(), Date.now())
  using db = new DatabaseSync(database(), { readOnly: true })
  const count = (table: string) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n
  expect([count('page_key'), count('watch'), count('post')]).toEqual([0, 0, 1])
})

test('the audit trail is printed while the relay runs, by person, post and time', async () => {
  const relay = await testRelay(folder.env, { person: 'ada' })
  await using _ = relay
  const id = Accepted.parse(await (await send(relay, message('the words', '@me'))).json()).posts[0]
    ?.id
  await allDelivered(relay, [id ?? ''])
  await send(relay, message('x', '~nowhere\nforged'))
  const lines = async (...words: string[]) => {
    const program = spawnProgram('../../../cli/main', ['relay', 'audit', ...words], folder.env)
    let text = ''
    program.process.stdout?.on('data', (part: Buffer) => (text += part.toString()))
    expect(await program.exited).toBe(0)
    return text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
  }
  const all = await lines()
  expect(all).toHaveLength(3)
  expect(all[0]).toMatch(
    new RegExp(
      `^\\S+Z accepted person=ada service=inbox target="your inbox" post=${id} hash=[0-9a-f]{64} bytes=\\d+$`,
    ),
  )
  expect(all[2]).toMatch(/ refused person=ada target="~nowhere\\nforged" why=\w+$/)
  expect(await lines('--post', id ?? '')).toHaveLength(2)
  expect(await lines('--person', 'bob')).toEqual([])
  expect(await lines('--since', '2999-01-01')).toEqual([])
  expect(JSON.parse((await lines('--json'))[0] ?? '')).toMatchObject({ deed: 'accepted', post: id })
  expect(all.join()).not.toContain('the words')
  expect((await run('audit', '--since', 'soon')).code).toBe(2)
})
