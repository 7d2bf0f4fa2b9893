// A relay as a program for people on Mattermost: it hears them, runs without them, and ends at once
// whatever the server does.
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'

import { RelayFile, relayFilePath } from '../../post/relay/relay-file.ts'
import { Answer } from '../../post/contract/question.ts'
import { Accepted } from '../../post/contract/schema.ts'
import { until } from '../../test/helpers/until.ts'
import { MattermostServer } from './helpers/mattermost.ts'
import {
  allDelivered,
  authorized,
  message,
  send,
  spawnProgram,
  temporaryFolder,
} from './helpers/relay.ts'
import type { Folder, Spawned } from './helpers/relay.ts'

// Programs start slowly on a loaded machine.
jest.setTimeout(60_000)

let folder: Folder
let server: MattermostServer
let started: Spawned[] = []

beforeEach(async () => {
  folder = temporaryFolder()
  server = await MattermostServer.start()
  server.addUser(userInfo().username)
})

afterEach(async () => {
  await Promise.all(started.map((relay) => relay[Symbol.asyncDispose]()))
  started = []
  await server.close()
  folder[Symbol.dispose]()
})

const bot = (change: object = {}) => {
  const { url, token, team } = server
  return { type: 'mattermost', url, token, team, ...change }
}

async function start(
  chats: object,
  program = '../../main',
): Promise<Spawned & { url: string; token: string }> {
  const config = join(folder.path, 'config.json')
  writeFileSync(config, JSON.stringify({ chats }))
  const env = { ...folder.env, JUPYTERPOST_CONFIG: config, JUPYTERPOST_LOG: 'debug' }
  const relay = spawnProgram(program, ['--mode', 'local'], env)
  started.push(relay)
  const url = (await relay.line(/^Relay: /))?.replace('Relay: ', '') ?? relay.stderr()
  const file = readFileSync(relayFilePath(folder.env), 'utf8')
  return { ...relay, url, token: RelayFile.parse(JSON.parse(file)).token }
}

/** Ends it as a Hub or a person does, within `limit` ms. @returns What it printed. */
async function end(relay: Spawned, limit = 3000): Promise<string> {
  const asked = Date.now()
  relay.process.kill('SIGTERM')
  expect(await relay.exited).toBe(0)
  expect(Date.now() - asked).toBeLessThan(limit)
  expect(relay.stderr()).not.toContain(server.token)
  return relay.stderr()
}

async function ready({ url, token }: { url: string; token: string }): Promise<string> {
  return (await fetch(new URL('ready', url), { headers: authorized(token) })).text()
}

test('an answer on Mattermost is heard, also one from while the relay was down', async () => {
  let relay = await start({ mattermost: bot() })
  const asked = { ...message('Go on?', '@me'), ask: { choices: ['yes', 'no'], timeoutMs: 60_000 } }
  const ids: string[] = []
  for (const text of ['first', 'second']) {
    const answer = await send(relay, { ...asked, blocks: [{ type: 'message', text }] })
    ids.push(Accepted.parse(await answer.json()).posts[0]?.id ?? '')
  }
  await server.arrived('POST', /^\/posts$/, 2)
  const [first, second] = server.state.posts
  if (!first || !second) throw new Error('The questions did not arrive')
  const answerOf = async (id = '') => {
    const url = new URL(`api/v1/posts/${id}/answer?wait=30`, relay.url)
    return Answer.parse(await (await fetch(url, { headers: authorized(relay.token) })).json())
  }
  const say = (text: string, root_id: string) =>
    server.write(userInfo().username, first.channel_id, text, { root_id })

  await server.websocket.until(() => server.websocket.open === 1)
  say('yes', first.id)
  expect(await answerOf(ids[0])).toMatchObject({ state: 'answered', answer: 'yes' })
  await end(relay)
  say('2', second.id)
  relay = await start({ mattermost: bot() })
  expect(await answerOf(ids[1])).toMatchObject({ state: 'answered', answer: 'no' })
  await end(relay)
})

test('each configured service has a connection of its own, one that is away harms none, and no log has a token', async () => {
  const second = server.addBot('second')
  const away = { url: 'http://127.0.0.1:1', token: 'away-secret-token' }
  const relay = await start({
    mattermost: bot(),
    second: bot({ token: second.token }),
    away: bot(away),
  })
  await server.websocket.until(() => server.websocket.open === 2)
  const tokens = server.websocket.upgrades.map(({ headers }) => headers.authorization)
  expect(new Set(tokens)).toEqual(new Set([`Bearer ${server.token}`, `Bearer ${second.token}`]))
  const parts = await ready(relay)
  expect(parts).toContain('as @jupyterpost, hears answers')
  expect(parts).toContain('as @second, hears answers')
  const log = await end(relay)
  expect(log).toMatch(
    /Does not hear answers: Mattermost at http:\/\/127.0.0.1:1 refuses connections.* chat=away/,
  )
  for (const text of [parts, log])
    for (const token of [server.token, second.token, away.token]) expect(text).not.toContain(token)
})

test.each(['hang', 'deaf'] as const)(
  'a server whose websocket is in trouble (%s) keeps no relay alive',
  async (trouble) => {
    if (trouble === 'hang') server.websocket.trouble = trouble
    const relay = await start({ mattermost: bot() })
    await server.websocket.until(() => server.websocket.upgrades.length > 0)
    if (trouble === 'deaf') await server.websocket.until(() => server.websocket.open === 1)
    server.websocket.trouble = trouble
    expect(await ready(relay)).toContain('"status":"ready"')
    await end(relay)
  },
)

/** Posts a file. @returns The post's id. */
async function sendFile(
  relay: { url: string; token: string },
  name: string,
  size = 100_000,
): Promise<string> {
  const manifest = { targets: ['@me'], blocks: [{ type: 'file', file: 0 }] }
  const answer = await send(relay, manifest, { files: [new File(['x'.repeat(size)], name)] })
  return Accepted.parse(await answer.json()).posts[0]?.id ?? ''
}

test('uploads leave no connection open, and the relay ends at once after them', async () => {
  const relay = await start({ mattermost: bot() })
  for (const name of ['a.txt', 'b.txt', 'c.txt'])
    await allDelivered(relay, [await sendFile(relay, name)])
  expect(server.sent('POST', /^\/files/)).toHaveLength(3)
  // One is kept for the next request, one hears answers.
  await until(async () => (await server.connections()) <= 2, 'the connections are closed')
  await end(relay)
})

test('a relay ends at once after a file that a proxy refused without reading it', async () => {
  const relay = await start({ mattermost: bot() })
  server.readsNoFiles = true
  await allDelivered(relay, [await sendFile(relay, 'a.txt', 20_000_000)])
  await end(relay)
})

test('a relay ends within 5 s although Mattermost and a client hang', async () => {
  const relay = await start({ mattermost: bot() })
  server.fail('POST', /^\/files/, { kind: 'hang' }, 9)
  await sendFile(relay, 'a.txt')
  await server.arrived('POST', /^\/files/)
  const body = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 1000 }
  const headers = { ...authorized(relay.token), ...body, expect: '100-continue' }
  const client = request(new URL('api/v1/posts', relay.url), { method: 'POST', headers })
  client.on('error', () => undefined)
  client.flushHeaders()
  await once(client, 'continue')
  client.write('--x')
  await end(relay, 5000)
  client.destroy()
})

test('a relay ends within 5 s although something keeps its process alive', async () => {
  const relay = await start({ mattermost: bot() }, '../fixtures/lingering-relay')
  const log = await end(relay, 5000)
  expect(log).toContain('ended although something was still open')
})
