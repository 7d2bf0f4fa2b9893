// A set-up that is wrong between the relay and the chat or the Hub: `/ready`, the doctor and the
// person who posts get the same sentence, which names the setting. The post waits until it is
// mended. The environment's proxy counts on these ways too.
import { readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { RelayFile, relayFilePath } from '../../post/relay/relay-file.ts'
import { MattermostServer } from '../../service/test/helpers/mattermost.ts'
import { GRANT, startHub } from '../../service/test/helpers/hub.ts'
import { authorized, spawnProgram, temporaryFolder } from '../../service/test/helpers/relay.ts'
import type { Folder, Spawned } from '../../service/test/helpers/relay.ts'
import { finish } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'
import {
  answering,
  closedPort,
  forwardProxy,
  speaking,
  tlsBefore,
  TRUSTED,
} from './helpers/servers.ts'
import type { Place } from './helpers/servers.ts'

// Programs start slowly on a loaded machine.
jest.setTimeout(60_000)

const MAIN = join(import.meta.dirname, '../../bin/jupyterpost')

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

const texts = () => server.state.posts.map(({ message }) => message)
const portOf = () => Number(new URL(server.url).port)

interface Mattermost {
  url: string
  team?: string
  token?: string
}

async function start(mattermost: Mattermost, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { url, team = server.team, token = server.token } = mattermost
  const names = { MATTERMOST_URL: url, MATTERMOST_TEAM: team, MATTERMOST_TOKEN: token }
  const mode = more.JUPYTERHUB_SERVICE_NAME === undefined ? ['--mode', 'local'] : []
  const relay = spawnProgram('../../main', mode, { ...folder.env, ...names, ...more })
  started.push(relay)
  return (await relay.line(/^Relay: /))?.replace('Relay: ', '') ?? relay.stderr()
}

async function jupyterpost(words: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { env: { ...folder.env, ...env } }
  const { stdout, stderr } = await finish(process.execPath, [MAIN, ...words], options)
  return stdout + stderr
}

/** With the token of the local relay, or of somebody on a Hub. */
const ready = async (url: string, token = ownToken()) =>
  (await fetch(new URL('ready', url), { headers: authorized(token) })).text()

const ownToken = () =>
  RelayFile.parse(JSON.parse(readFileSync(relayFilePath(folder.env), 'utf8'))).token

interface Row {
  make: () => Promise<Place> | Promise<number>
  url: (port: number) => string
  team?: string
  token?: string
  says: RegExp
  /** Nothing can be accepted, because it is not known where it may go. */
  isRefused?: boolean
}

const at = (scheme: string, path = '') => {
  return (port: number) => `${scheme}://127.0.0.1:${port}${path}`
}
const PAGE = '<!doctype html><title>Mattermost</title>'

const ROWS: Record<string, Row> = {
  'a certificate that nobody here trusts': {
    make: () => tlsBefore('trusted', portOf()),
    url: at('https'),
    says: /The certificate of Mattermost at \S+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\): .*NODE_EXTRA_CA_CERTS/,
  },
  'a name that does not exist': {
    make: closedPort,
    url: () => 'https://no-such-chat.invalid',
    says: /Mattermost at \S+ was not found \(name lookup failed\): check MATTERMOST_URL/,
  },
  'https at a port of http': {
    make: () => answering(200, '{}'),
    url: at('https'),
    says: /Mattermost at \S+ does not answer in TLS \(EPROTO\): perhaps MATTERMOST_URL must begin with http:/,
  },
  'http at a port of https, which breaks off': {
    make: () => tlsBefore('trusted', portOf()),
    url: at('http'),
    says: /Mattermost at \S+ broke the connection \(ECONNRESET\): .*MATTERMOST_URL must begin with https:/,
  },
  'http at a port of https, which says so': {
    make: () => answering(400, 'Client sent an HTTP request to an HTTPS server.\n'),
    url: at('http'),
    says: /another kind \(400, text\/html\); check MATTERMOST_URL .*or begin it with https:/,
  },
  'something else than HTTP': {
    make: () => speaking('SSH-2.0-OpenSSH_9.2\r\n'),
    url: at('http'),
    says: /Mattermost at \S+ does not answer in HTTP \(HPE_INVALID_CONSTANT\): .*MATTERMOST_URL/,
  },
  'a port at which nobody listens': {
    make: closedPort,
    url: at('http'),
    says: /Mattermost at \S+ refuses connections: it does not run, or MATTERMOST_URL is wrong/,
  },
  'a login page': {
    make: () => answering(200, PAGE),
    url: at('http'),
    says: /Expected Mattermost at \S+, got an answer of another kind \(200, text\/html\); check MATTERMOST_URL/,
  },
  'a login of a proxy that nobody set': {
    make: () => answering(407, PAGE),
    url: at('http'),
    says: /Expected Mattermost at \S+, got an answer of another kind \(407, text\/html\); check MATTERMOST_URL/,
  },
  'a redirect to a login': {
    make: () => answering(302, '', { location: 'https://login.example/?next=x' }),
    url: at('http'),
    says: /Mattermost redirects to https:\/\/login\.example; set MATTERMOST_URL/,
  },
  "a team's address of a browser": {
    make: () => answering(200, PAGE),
    url: at('http', '/qt'),
    says: /check MATTERMOST_URL.* If \/qt is a team or a channel, .*set MATTERMOST_URL to http:\S+ and MATTERMOST_TEAM to the team/,
  },
  "a channel's address of a browser": {
    make: () => answering(404, PAGE),
    url: at('http', '/qt/channels/town-square'),
    says: /If \/qt\/channels\/town-square is a team or a channel, .*MATTERMOST_TEAM to the team/,
  },
  'a wrong team': {
    make: async () => portOf(),
    url: at('http'),
    team: 'nope',
    says: /The bot sees no team \\?"nope\\?" at \S+: check MATTERMOST_TEAM/,
  },
  'a wrong token': {
    make: async () => portOf(),
    url: at('http'),
    token: 'wrong-token',
    says: /does not accept the token of the bot; check MATTERMOST_TOKEN/,
    isRefused: true,
  },
}

test.each(Object.entries(ROWS))(
  'on the way to Mattermost, %s is said as such in /ready, by the doctor and below the cell',
  async (_, { make, url, team, token, says, isRefused = false }) => {
    const made = await make()
    const address = url(typeof made === 'number' ? made : made.port)
    try {
      const relay = await start({
        url: address,
        ...(team !== undefined && { team }),
        ...(token !== undefined && { token }),
      })
      const [part, found, posted] = await Promise.all([
        ready(relay),
        jupyterpost(['doctor']),
        jupyterpost(['post', '@me', 'hi']),
      ])
      expect(part).toContain('"status":"not ready"')
      expect(found).toMatch(/^problem +mattermost: /m)
      for (const text of [part, found, posted]) {
        expect(text).toMatch(says)
        expect(text).not.toMatch(/wrong-token|did not answer in time/)
      }
      if (!isRefused) expect(posted).toMatch(/^Posted to @me[^]*not known yet[^]*the post waits$/m)
    } finally {
      if (typeof made !== 'number') await made[Symbol.asyncDispose]()
    }
  },
)

test('a post waits for a certificate, and arrives once its authority is trusted', async () => {
  await using secure = await tlsBefore('trusted', portOf())
  await start({ url: at('https')(secure.port) })
  expect(await jupyterpost(['post', '@me', 'hi'])).toContain('is not trusted')
  started[0]?.process.kill('SIGTERM')
  await started[0]?.exited
  await start({ url: at('https')(secure.port) }, { NODE_EXTRA_CA_CERTS: TRUSTED })
  await until(() => texts().some((text) => text.includes('hi')), 'the post arrives', { saw: texts })
})

test('requests, uploads and the websocket go to Mattermost through the proxy, but not to this machine', async () => {
  await using proxy = await forwardProxy()
  await using secure = await tlsBefore('trusted', portOf())
  const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: TRUSTED }
  const relay = await start({ url: `https://chat.example:${secure.port}` }, env)
  const name = join(folder.path, 'a.txt')
  writeFileSync(name, 'content')
  expect(await jupyterpost(['post', '@me', 'hi', '-a', name], env)).toMatch(/^Posted to @/)
  const files = () => server.sent('POST', /^\/files/)
  await until(() => files().length === 1, 'the file arrives', { saw: files })
  await server.websocket.until(() => server.websocket.open === 1)
  expect(await ready(relay)).toContain('hears answers')
  // Requests, the file, and the websocket have connections of their own.
  expect(proxy.passed.length).toBeGreaterThanOrEqual(3)
  expect(new Set(proxy.passed)).toEqual(new Set([`CONNECT chat.example:${secure.port}`]))
  expect(started[0]?.stderr()).not.toContain('pr0xy-secret')
})

test.each([
  [{ status: 407, body: '' }, /The proxy \S+ asks for a login \(407\): .*HTTPS_PROXY/],
  [{ status: 403, body: '' }, /The proxy \S+ does not lead to Mattermost .*\(403\).*HTTPS_PROXY/],
])('a proxy that answers %j is named in /ready, without its password', async (own, says) => {
  await using proxy = await forwardProxy()
  proxy.answer = own
  const relay = await start({ url: 'https://chat.example' }, { HTTPS_PROXY: proxy.url })
  const [part, found] = [await ready(relay), await jupyterpost(['doctor'])]
  const posted = await jupyterpost(['post', '@me', 'hi'])
  for (const text of [part, found, posted]) expect(text).toMatch(says)
  expect(part + found + posted + started[0]?.stderr()).not.toContain('pr0xy-secret')
})

test('a relay whose proxy does not answer ends within 5 s', async () => {
  await using proxy = await forwardProxy()
  proxy.hangs = true
  await start({ url: 'https://chat.example' }, { HTTPS_PROXY: proxy.url })
  await until(() => proxy.passed.length > 0, 'it is asked')
  const began = performance.now()
  started[0]?.process.kill('SIGTERM')
  expect(await started[0]?.exited).toBe(0)
  expect(performance.now() - began).toBeLessThan(5000)
  expect(started[0]?.stderr()).not.toContain('something was still open')
})

const HUB_ROWS: Record<string, Pick<Row, 'make' | 'url' | 'says'>> = {
  'a certificate that nobody here trusts': {
    make: () => tlsBefore('trusted', portOf()),
    url: at('https', '/hub/api'),
    says: /The certificate of the Hub at \S+ is not trusted .*NODE_EXTRA_CA_CERTS/,
  },
  'a name that does not exist': {
    make: closedPort,
    url: () => 'http://no-such-hub.invalid/hub/api',
    says: /The Hub at \S+ was not found \(name lookup failed\): check JUPYTERHUB_API_URL/,
  },
  'https at a port of http': {
    make: () => answering(200, '{}'),
    url: at('https', '/hub/api'),
    says: /The Hub at \S+ does not answer in TLS \(EPROTO\): perhaps JUPYTERHUB_API_URL must begin/,
  },
  'a port at which nobody listens': {
    make: closedPort,
    url: at('http', '/hub/api'),
    says: /The Hub at \S+ refuses connections: it does not run, or JUPYTERHUB_API_URL is wrong/,
  },
  'a login page': {
    make: () => answering(200, PAGE),
    url: at('http', '/hub/api'),
    says: /in place of the Hub is none; check JUPYTERHUB_API_URL/,
  },
  'a redirect': {
    make: () => answering(302, '', { location: '/hub/login' }),
    url: at('http', '/api'),
    says: /The Hub answered 302; check JUPYTERHUB_API_URL/,
  },
}

const hubEnv = (apiUrl: string) => ({
  JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
  JUPYTERHUB_SERVICE_PREFIX: '/services/jupyterpost/',
  JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
  JUPYTERHUB_API_URL: apiUrl,
  JUPYTERHUB_OAUTH_ACCESS_SCOPES: JSON.stringify([GRANT]),
  JUPYTERPOST_DATABASE: join(folder.path, 'relay.sqlite'),
})

test.each(Object.entries(HUB_ROWS))(
  'on the way to the Hub, %s is said as such in /ready, by the doctor and below the cell',
  async (_, { make, url, says }) => {
    const made = await make()
    try {
      const apiUrl = url(typeof made === 'number' ? made : made.port)
      const relay = await start({ url: server.url }, hubEnv(apiUrl))
      const env = { JUPYTERPOST_URL: relay, JUPYTERPOST_TOKEN: 'secret-token' }
      const limits = fetch(new URL('api/v1/limits', relay), { headers: authorized('secret-token') })
      const [part, found, asked] = await Promise.all([
        ready(relay, 'secret-token'),
        jupyterpost(['doctor'], env),
        limits.then((answer) => answer.text()),
      ])
      expect(found).toMatch(/^problem +hub: /m)
      expect(asked).toContain('"hub_away"')
      for (const text of [part, found, asked]) {
        expect(text).toMatch(says)
        expect(text).not.toContain('secret-token')
      }
    } finally {
      if (typeof made !== 'number') await made[Symbol.asyncDispose]()
    }
  },
)

test('below the cell, a Hub that does not answer is said with what the relay found', async () => {
  const relay = await start({ url: server.url }, hubEnv(at('http', '/hub/api')(await closedPort())))
  const env = { JUPYTERPOST_URL: relay, JUPYTERPOST_TOKEN: 'secret-token' }
  const posted = await jupyterpost(['post', '@me', 'hi'], env)
  expect(posted).toMatch(/^Not posted yet: .* The Hub at \S+ refuses connections: .*It is kept/)
})

test('the Hub is asked through the proxy', async () => {
  await using proxy = await forwardProxy()
  await using hub = await startHub()
  hub.users.set('t-ada', { name: userInfo().username, scopes: [GRANT], admin: true })
  const apiUrl = hub.apiUrl.replace('127.0.0.1', 'hub.example')
  const relay = await start({ url: server.url }, { ...hubEnv(apiUrl), HTTP_PROXY: proxy.url })
  const env = { JUPYTERPOST_URL: relay, JUPYTERPOST_TOKEN: 't-ada' }
  expect(await ready(relay, 't-ada')).toContain('The Hub answers')
  expect(await jupyterpost(['post', '@me', 'hi'], env)).toMatch(/^Posted to @/)
  expect(proxy.passed).toEqual([`GET ${apiUrl}/user`, `GET ${apiUrl}/`])
})
