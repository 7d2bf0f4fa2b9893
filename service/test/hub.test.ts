// The relay as a service of a Hub: the stand-in answers as measured on real Hubs, over HTTP.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { z } from 'zod'

import { until } from '../../test/helpers/until.ts'
import { Accepted, Feed, Problem } from '../../post/contract/schema.ts'
import { GRANT, startHub } from './helpers/hub.ts'
import type { TestHub } from './helpers/hub.ts'
import {
  allDelivered,
  authorized,
  change,
  message,
  send,
  temporaryFolder,
  testRelay,
} from './helpers/relay.ts'
import type { Folder, TestRelay } from './helpers/relay.ts'

const PREFIX = '/jh/services/jupyterpost/'

let hub: TestHub
let folder: Folder
let relay: TestRelay

beforeAll(async () => {
  hub = await startHub()
  folder = temporaryFolder()
  relay = await testRelay(hubEnv(folder, hub))
})

afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  await hub[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

beforeEach(() => {
  hub.fail(undefined)
  hub.replace(undefined)
  hub.users.clear()
  hub.users.set('t-ada', { name: 'ada', groups: ['lab'], scopes: [GRANT] })
  hub.users.set('t-root', { name: 'root', scopes: [GRANT], admin: true })
  hub.users.set('t-bob', { name: 'bob', scopes: ['access:services'] })
  hub.users.set('t-eve', { name: 'eve', scopes: ['access:services!service=other', 'self'] })
  hub.users.set('t-bot', { name: 'ada', kind: 'service', scopes: [GRANT] })
  // Answers that an earlier test left in the cache have expired.
  relay.clock.ms += 120_000
})

function hubEnv(home: Folder, { apiUrl }: TestHub): NodeJS.ProcessEnv {
  const policy = join(home.path, 'policy.json')
  writeFileSync(policy, JSON.stringify({ services: ['ada'] }))
  return {
    ...home.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_PREFIX: PREFIX,
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: apiUrl,
    // Whatever the environment says: it does not decide who is let in.
    JUPYTERHUB_OAUTH_ACCESS_SCOPES: JSON.stringify(['self', 'access:services!service=other']),
    JUPYTERPOST_DATABASE: `${home.path}/relay.sqlite`,
    JUPYTERPOST_POLICY: policy,
  }
}

const as = (token: string) => ({ url: relay.url, token })
const get = (path: string, token: string) =>
  fetch(new URL(path, relay.url), { headers: authorized(token), redirect: 'manual' })
const codeOf = async (answer: Response) => Problem.parse(await answer.json()).code

test.each(['token t-ada', 'Token t-ada', 'bearer t-ada', 'BEARER  t-ada'])(
  'the header "%s" with the grant is let in',
  async (authorization) => {
    const answer = await fetch(new URL('api/v1/limits', relay.url), { headers: { authorization } })
    expect(answer.status).toBe(200)
  },
)

test('the relay answers below its prefix, with and without the slash at its end', async () => {
  const form = { message: 'x', channel: '@me' }
  const headers = authorized('t-ada')
  const url = new URL(relay.url)
  for (const path of [PREFIX, PREFIX.slice(0, -1)]) {
    const sent = await fetch(new URL(path, url), {
      method: 'POST',
      headers,
      body: new URLSearchParams(form),
    })
    expect(sent.status).toBe(200)
    expect((await fetch(new URL(path, url))).status).toBe(200)
  }
  expect((await fetch(new URL('/api/v1/posts', url), { headers })).status).toBe(404)
})

test('a token without the grant is told which one is missing and to restart its server', async () => {
  const answer = await get('api/v1/limits', 't-eve')
  expect(answer.status).toBe(403)
  const { code, detail } = Problem.parse(await answer.json())
  expect(code).toBe('not_granted')
  expect(detail).toContain(GRANT)
  expect(detail).toContain('restarted')
})

test('an unknown token is refused', async () => {
  expect(await codeOf(await get('api/v1/limits', 'nobody'))).toBe('bad_token')
})

test.each([500, 502, 503])('a Hub that answers %i is away, not a refusal', async (status) => {
  hub.fail(status)
  const answer = await get('api/v1/limits', 't-ada')
  expect(answer.status).toBe(503)
  expect(await codeOf(answer)).toBe('hub_away')
  hub.fail(undefined)
  expect((await get('api/v1/limits', 't-ada')).status).toBe(200)
})

test('checks of one token at once are one request to the Hub, and it is asked again after a minute', async () => {
  const before = hub.asked()
  await Promise.all(Array.from({ length: 20 }, () => get('api/v1/limits', 't-ada')))
  expect(hub.asked() - before).toBe(1)
  hub.users.delete('t-ada')
  relay.clock.ms += 59_000
  expect((await get('api/v1/limits', 't-ada')).status).toBe(200)
  relay.clock.ms += 2000
  expect((await get('api/v1/limits', 't-ada')).status).toBe(403)
})

test('a grant that was just given counts after five seconds', async () => {
  expect((await get('api/v1/limits', 't-eve')).status).toBe(403)
  hub.users.set('t-eve', { name: 'eve', scopes: [GRANT] })
  relay.clock.ms += 5001
  expect((await get('api/v1/limits', 't-eve')).status).toBe(200)
})

test('a person who can read a post of a group may neither change nor delete it', async () => {
  hub.users.set('t-cy', { name: 'cy', groups: ['lab'], scopes: [GRANT] })
  const answer = await send(as('t-ada'), message('of ada', 'lab'))
  const [id = ''] = Accepted.parse(await answer.json()).posts.map((post) => post.id)
  await allDelivered(as('t-ada'), [id])
  expect((await get(`api/v1/posts/${id}`, 't-cy')).status).toBe(200)
  const changed = await change(as('t-cy'), id, { blocks: message('of cy').blocks })
  expect([changed.status, await codeOf(changed)]).toEqual([404, 'unknown_post'])
  const headers = authorized('t-cy')
  const deleted = await fetch(new URL(`api/v1/posts/${id}`, relay.url), {
    method: 'DELETE',
    headers,
  })
  expect(deleted.status).toBe(404)
  expect((await change(as('t-ada'), id, { blocks: message('again').blocks })).status).toBe(200)
})

test('another service posts under a name that no user can be taken for', async () => {
  const answer = await send(as('t-bot'), message('from a bot', '@me'))
  const { posts } = Accepted.parse(await answer.json())
  await allDelivered(
    as('t-bot'),
    posts.map((post) => post.id),
  )
  const feed = Feed.parse(await (await get('api/v1/posts', 't-bot')).json())
  expect(feed.posts.at(-1)?.from).toBe('service/ada')
  const others = Feed.parse(await (await get('api/v1/posts', 't-ada')).json())
  expect(others.posts.map((post) => post.from)).not.toContain('service/ada')
})

test('a user whose name could be that of a service or of a later person is not let in', async () => {
  for (const name of ['service/ada', 'ada/2']) {
    hub.users.set('t-slash', { name, scopes: [GRANT] })
    relay.clock.ms += 120_000
    expect(await codeOf(await get('api/v1/limits', 't-slash'))).toBe('not_granted')
  }
})

test('a user named as a service is another person than that service', async () => {
  hub.users.set('t-like', { name: 'service-ada', scopes: [GRANT] })
  const [post] = Accepted.parse(await (await send(as('t-bot'), message('x', '@me'))).json()).posts
  expect((await get(`api/v1/posts/${post?.id}`, 't-bot')).status).toBe(200)
  expect((await get(`api/v1/posts/${post?.id}`, 't-like')).status).toBe(404)
})

test('a channel is a Hub group: members post and read, for others it does not exist', async () => {
  hub.users.set('t-cyd', { name: 'cyd', groups: ['lab'], scopes: [GRANT] })
  const answer = await send(as('t-ada'), message('to the lab', 'lab'))
  const [post] = Accepted.parse(await answer.json()).posts
  await allDelivered(as('t-ada'), [post?.id ?? ''])
  const read = async (token: string) =>
    Feed.parse(await (await get('api/v1/posts', token)).json()).posts.map((one) => one.id)
  expect(await read('t-cyd')).toContain(post?.id)
  expect(await read('t-bob')).not.toContain(post?.id)
  expect((await get(`api/v1/posts/${post?.id}`, 't-bob')).status).toBe(404)
  const forbidden = await send(as('t-bob'), message('x', 'lab'))
  const unknown = await send(as('t-bob'), message('x', 'lob'))
  expect([forbidden.status, unknown.status]).toEqual([403, 403])
  const [one, other] = [Problem.parse(await forbidden.json()), Problem.parse(await unknown.json())]
  expect({ ...one, detail: one.detail.replace('~lab', '~lob') }).toEqual(other)
})

test('an open event stream shows nothing more of a group that its reader left', async () => {
  hub.users.set('t-cyd', { name: 'cyd', groups: ['left'], scopes: [GRANT] })
  hub.users.set('t-fay', { name: 'fay', groups: ['left'], scopes: [GRANT] })
  const beats = jest.spyOn(globalThis, 'setInterval')
  const stop = new AbortController()
  const answer = await fetch(new URL('api/v1/events', relay.url), {
    headers: authorized('t-cyd'),
    signal: stop.signal,
  })
  const beat = beats.mock.calls.find(([, ms]) => ms === 20_000)?.[0]
  beats.mockRestore()
  let read = ''
  const text = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  const said = (word: string) =>
    until(
      async () => read.includes(word) || void (read += (await text?.read())?.value ?? ''),
      word,
      {
        saw: () => read,
      },
    )
  await send({ url: relay.url, token: 't-fay' }, message('while a member', 'left'))
  await said('while a member')
  hub.users.set('t-cyd', { name: 'cyd', scopes: [GRANT] })
  relay.clock.ms += 61_000
  beat?.()
  await said('still here')
  await send({ url: relay.url, token: 't-fay' }, message('for members', 'left'))
  await send({ url: relay.url, token: 't-cyd' }, message('for herself', '@me'))
  await said('for herself')
  expect(read).not.toContain('for members')
  stop.abort()
})

test('one person has at most twenty event streams, and others keep theirs', async () => {
  const stop = new AbortController()
  const open = (token: string) => {
    const url = new URL('api/v1/events', relay.url)
    return fetch(url, { headers: authorized(token), signal: stop.signal })
  }
  const other = await open('t-bob')
  const oldest = await open('t-ada')
  for (let n = 0; n < 20; n += 1) expect((await open('t-ada')).status).toBe(200)
  expect(await oldest.text()).toContain('At most 20 event streams of one person')
  await send({ url: relay.url, token: 't-bob' }, message('still there', '@me'))
  let read = ''
  for await (const text of other.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    read += text
    if (read.includes('still there')) break
  }
  stop.abort()
  expect(read).not.toContain('closed')
})

test('names that are refused count as posts, so that nobody has the chat asked without end', async () => {
  using home = temporaryFolder()
  const file = join(home.path, 'relay.json')
  writeFileSync(file, JSON.stringify({ quota: { postsPerMinute: 12 } }))
  await using small = await testRelay({ ...hubEnv(home, hub), JUPYTERPOST_CONFIG: file })
  const post = async (token: string, target: string) =>
    (await send({ url: small.url, token }, message('hello', target))).status
  for (let n = 0; n < 3; n += 1) expect(await post('t-ada', 'no-such-channel')).toBe(403)
  expect(await post('t-ada', '@me')).toBe(429)
  expect(await post('t-bob', '@me')).toBe(202)
})

test('if the Hub does not answer, both forms of request learn it, and when to try again', async () => {
  using home = temporaryFolder()
  const env = { ...hubEnv(home, hub), JUPYTERHUB_API_URL: 'http://127.0.0.1:9/hub/api' }
  await using lonely = await testRelay(env)
  for (const path of ['', 'api/v1/posts']) {
    const answer = await fetch(new URL(path, lonely.url), {
      method: 'POST',
      headers: authorized('t-ada'),
      body: new URLSearchParams({ channel: '@me', message: 'x' }),
    })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  }
})

test('a person can be posted to once the relay has seen them, and only they read it', async () => {
  hub.users.set('t-dan', { name: 'dan', scopes: [GRANT] })
  expect((await send(as('t-ada'), message('psst', '@dan'))).status).toBe(403)
  await get('api/v1/limits', 't-dan')
  const [post] = Accepted.parse(
    await (await send(as('t-ada'), message('psst', '@dan'))).json(),
  ).posts
  await allDelivered(as('t-ada'), [post?.id ?? ''])
  expect((await get(`api/v1/posts/${post?.id}`, 't-dan')).status).toBe(200)
  expect((await get(`api/v1/posts/${post?.id}`, 't-bob')).status).toBe(404)
  const taken = await fetch(new URL(`api/v1/posts/${post?.id}`, relay.url), {
    method: 'DELETE',
    headers: authorized('t-dan'),
  })
  expect(taken.status).toBe(404)
})

test('one person cannot use up the idempotency key of another', async () => {
  const first = await send(as('t-ada'), message('a', '@me'), { key: 'same' })
  const second = await send(as('t-bob'), message('b', '@me'), { key: 'same' })
  expect([first.status, second.status]).toEqual([202, 202])
})

test('completion offers groups and people, not what is forbidden', async () => {
  await get('api/v1/limits', 't-bob')
  const answer = z
    .object({ targets: z.array(z.string()) })
    .parse(await (await get('api/v1/targets?q=', 't-ada')).json())
  expect(answer.targets).toEqual(expect.arrayContaining(['@me', 'lab', '@bob']))
  expect(answer.targets).not.toContain('@ada')
})

test('no post and no page is readable without a token', async () => {
  const root = await fetch(relay.url)
  expect(root.status).toBe(200)
  expect(await root.text()).toMatch(/^This is a jupyterpost relay\.[^\n]*\n$/)
  for (const path of ['api/v1/posts', 'api/v1/events', 'metrics', 'api/v1/targets']) {
    expect((await fetch(new URL(path, relay.url))).status).toBe(403)
  }
  expect((await fetch(new URL('api/v1/proof?nonce=0123456789abcdef', relay.url))).status).toBe(404)
})

test('readiness names each part to an admin', async () => {
  const answer = await get('ready', 't-root')
  const { status, parts } = z
    .object({ status: z.string(), parts: z.array(z.object({ name: z.string() })) })
    .parse(await answer.json())
  expect([answer.status, status]).toEqual([200, 'ready'])
  expect(parts.map((part) => part.name)).toEqual(['storage', 'inbox', 'policy', 'hub'])
  hub.fail(500)
  relay.clock.ms += 6000
  expect((await fetch(new URL('ready', relay.url))).status).toBe(503)
  expect((await fetch(new URL('health', relay.url))).status).toBe(200)
})

test('a wrong Mattermost setting does not keep the relay from listening; readiness says it', async () => {
  using home = temporaryFolder()
  const before = process.cwd()
  // Without JUPYTERPOST_DATABASE the file is in the current folder.
  process.chdir(home.path)
  await using broken = await testRelay({
    ...hubEnv(home, hub),
    JUPYTERPOST_DATABASE: '',
    MATTERMOST_URL: 'not an address',
  }).finally(() => process.chdir(before))
  expect((await fetch(broken.url)).status).toBe(200)
  const headers = authorized('t-root')
  const answer = await fetch(new URL('ready', broken.url), { headers })
  expect(answer.status).toBe(503)
  const text = await answer.text()
  expect(text).toContain('MATTERMOST_URL: expected an http or https address')
  expect(text).toContain('JUPYTERPOST_DATABASE is not set')
  const refused = await send({ url: broken.url, token: 't-ada' }, message('x', '@me'))
  expect(refused.status).toBe(424)
  expect(await refused.text()).toContain('mattermost is not set up right')
})

test('a Mattermost that does not answer leaves the relay up and taking posts to the inbox', async () => {
  using home = temporaryFolder()
  await using away = await testRelay({
    ...hubEnv(home, hub),
    MATTERMOST_URL: 'http://127.0.0.1:9/',
    MATTERMOST_TOKEN: 'wrong-token',
    MATTERMOST_TEAM: 'qt',
  })
  const ready = await fetch(new URL('ready', away.url), { headers: authorized('t-root') })
  expect(ready.status).toBe(503)
  expect(await ready.text()).not.toContain('wrong-token')
  const at = { url: away.url, token: 't-ada' }
  expect((await send(at, message('x', 'inbox:@me'))).status).toBe(202)
  const waiting = Accepted.parse(await (await send(at, message('x', '@me'))).json())
  expect(waiting.posts[0]?.notices[0]).toMatch(
    /^Mattermost at \S+ refuses connections: .*MATTERMOST_URL is wrong\. .*the post waits$/,
  )
})

test('an unreadable database leaves the relay up on a Hub, refusing posts with 507', async () => {
  using home = temporaryFolder()
  await using broken = await testRelay({ ...hubEnv(home, hub), JUPYTERPOST_DATABASE: home.path })
  expect((await fetch(broken.url)).status).toBe(200)
  expect((await fetch(new URL('health', broken.url))).status).toBe(200)
  expect((await fetch(new URL('ready', broken.url))).status).toBe(503)
  const answer = await send({ url: broken.url, token: 't-ada' }, message('x', '@me'))
  expect(answer.status).toBe(507)
  expect(await codeOf(answer)).toBe('storage')
})

test.each([
  [302, '', 'text/html'],
  [200, '<html>a proxy with secretsecret</html>', 'text/html'],
  [200, '{"ok":"secretsecret"}', 'application/json'],
  [401, '<html>', 'text/html'],
  [403, '<html>', 'text/html'],
  [404, '<html>', 'text/html'],
  [403, '{"error":"blocked"}', 'application/json'],
])(
  'what answers %i %j (%s) in place of the Hub refuses nobody for good',
  async (status, body, type) => {
    hub.replace({ status, body, type })
    const answer = await get('api/v1/limits', 't-ada')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    const text = await answer.text()
    expect(Problem.parse(JSON.parse(text)).code).toBe('hub_away')
    expect(text).not.toContain('secretsecret')
    hub.replace(undefined)
    expect((await get('api/v1/limits', 't-ada')).status).toBe(200)
  },
)
