// A relay on a Hub whose database cannot be used when it starts.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Writable } from 'node:stream'
import pino from 'pino'
import { expect, test } from '@jest/globals'

import { until } from '../../test/helpers/until.ts'
import { parseConfig } from '../config.ts'
import { startRelay } from '../relay.ts'
import type { Relay } from '../relay.ts'
import { SCHEMA } from '../schema.ts'
import { Database } from '../storage/database.ts'
import { GRANT, startHub } from './helpers/hub.ts'
import type { TestHub } from './helpers/hub.ts'
import { authorized, message, send, temporaryFolder, testRelay } from './helpers/relay.ts'
import type { Folder } from './helpers/relay.ts'

interface Started extends AsyncDisposable {
  relay: Relay
  lines: string[]
  times: { wall: number; monotonic: number }
}

async function start(folder: Folder, hub: TestHub, path: string): Promise<Started> {
  hub.users.set('t-ada', { name: 'ada', scopes: [GRANT] })
  hub.users.set('t-root', { name: 'root', scopes: [GRANT], admin: true })
  const lines: string[] = []
  const sink = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line))
      done()
    },
  })
  const times = { wall: Date.now(), monotonic: 0 }
  const env = {
    ...folder.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: hub.apiUrl,
    JUPYTERPOST_DATABASE: path,
  }
  const relay = await startRelay({
    config: parseConfig(env, {}),
    log: pino({ level: 'error' }, sink),
    page: undefined,
    now: () => times.wall,
    monotonic: () => times.monotonic,
    random: () => 0,
    onIdle: () => undefined,
    storageAgainMs: 10,
  })
  return { relay, lines, times, [Symbol.asyncDispose]: () => relay.close() }
}

async function ready(url: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(new URL('ready', url), { headers: authorized('t-root') })
  return { status: answer.status, text: await answer.text() }
}

const untilReady = (url: string) =>
  until(async () => (await ready(url)).status === 200, 'the relay is ready')

test('a database that is in use is named by /ready, and opened when it is free', async () => {
  using folder = temporaryFolder()
  await using hub = await startHub()
  const path = join(folder.path, 'posts.sqlite')
  new Database(path, SCHEMA).close()
  const other = new DatabaseSync(path)
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  await using started = await start(folder, hub, path)
  const { url } = started.relay
  expect(await ready(url)).toEqual({ status: 503, text: expect.stringContaining('locked') })
  const at = { url, token: 't-ada' }
  expect((await send(at, message('x', '@me'))).status).toBe(507)
  // Meanwhile it tries again and again.
  for (let n = 0; n < 20; n++) expect((await fetch(new URL('health', url))).status).toBe(200)
  other.close()
  await untilReady(url)
  expect((await send(at, message('x', '@me'))).status).toBe(202)
  expect(started.lines.filter((line) => line.includes('nothing can be stored'))).toHaveLength(1)
})

test('a database that another relay has is taken when that one ends', async () => {
  using folder = temporaryFolder()
  await using hub = await startHub()
  const path = join(folder.path, 'posts.sqlite')
  const first = await testRelay({ ...folder.env, JUPYTERPOST_DATABASE: path })
  await using started = await start(folder, hub, path)
  expect((await ready(started.relay.url)).text).toContain('another relay is using it')
  await first[Symbol.asyncDispose]()
  await untilReady(started.relay.url)
})

test('a database of a newer version is refused with one sentence, and is not touched', async () => {
  using folder = temporaryFolder()
  await using hub = await startHub()
  const path = join(folder.path, 'posts.sqlite')
  const newer = new DatabaseSync(path)
  newer.exec(
    'CREATE TABLE probe (n INTEGER); CREATE TABLE post (id TEXT, what_is_new TEXT NOT NULL); PRAGMA user_version = 7',
  )
  newer.close()
  await using started = await start(folder, hub, path)
  expect(await ready(started.relay.url)).toEqual({
    status: 503,
    text: expect.stringContaining('a newer jupyterpost wrote it (version 7 of its tables'),
  })
  await expect(testRelay({ ...folder.env, JUPYTERPOST_DATABASE: path })).rejects.toMatchObject({
    code: 'storage',
    message: expect.stringContaining('a newer jupyterpost'),
  })
  const after = new DatabaseSync(path)
  expect(after.prepare('SELECT name FROM sqlite_schema').all()).toEqual([
    { name: 'probe' },
    { name: 'post' },
  ])
  after.close()
})

test('a wall clock set back keeps no revoked token', async () => {
  using folder = temporaryFolder()
  await using hub = await startHub()
  await using started = await start(folder, hub, join(folder.path, 'posts.sqlite'))
  const at = { url: started.relay.url, token: 't-ada' }
  expect((await send(at, message('x', '@me'))).status).toBe(202)
  hub.users.clear()
  started.times.wall -= 3_600_000
  started.times.monotonic += 61_000
  expect((await send(at, message('y', '@me'))).status).toBe(403)
})

test('a relay whose database is in use can be closed', async () => {
  using folder = temporaryFolder()
  await using hub = await startHub()
  const path = join(folder.path, 'posts.sqlite')
  await using _first = await testRelay({ ...folder.env, JUPYTERPOST_DATABASE: path })
  const started = await start(folder, hub, path)
  await started.relay.close()
  await expect(fetch(started.relay.url)).rejects.toThrow()
})
