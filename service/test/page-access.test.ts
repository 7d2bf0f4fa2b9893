// Who is let into the page of a local relay, by HTTP: codes, keys, sessions, ports.
import { createServer } from 'node:http'
import { request } from 'node:http'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { z } from 'zod'

import { readFragment } from '../../post/contract/page-access.ts'
import { Accepted, Problem } from '../../post/contract/schema.ts'
import { ask, BrowserKey } from './helpers/browser-key.ts'
import { authorized, message, send, temporaryFolder, testRelay } from './helpers/relay.ts'
import type { Folder, TestRelay } from './helpers/relay.ts'

let folder: Folder
let relay: TestRelay

beforeEach(async () => {
  folder = temporaryFolder()
  relay = await testRelay(folder.env)
})

afterEach(async () => {
  await relay[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const get = (path: string, headers: Record<string, string>) =>
  fetch(new URL(path, relay.url), { headers, redirect: 'manual' })

const link = () => relay.relay.gate?.page.link() ?? ''

async function codeOf(answer: Response): Promise<string> {
  return Problem.parse(await answer.json()).code
}

/** As after 30 idle minutes. */
async function restart(): Promise<void> {
  await relay[Symbol.asyncDispose]()
  relay = await testRelay(folder.env)
}

async function letIn(): Promise<BrowserKey> {
  const key = await BrowserKey.make()
  expect((await key.register(relay.url, link())).status).toBe(201)
  return key
}

test('the answer to a post holds a link whose code lets one browser in, once; the same again holds another', async () => {
  const answers = [1, 2].map(() => send(relay, message('hello', '@me'), { key: 'k' }))
  const urls = await Promise.all(
    answers.map(async (answer) => Accepted.parse(await (await answer).json()).posts[0]?.url ?? ''),
  )
  for (const url of urls) {
    expect(new URL(url).origin).toBe(new URL(relay.url).origin)
    const key = await BrowserKey.make()
    expect((await key.register(relay.url, url)).status).toBe(201)
    const headers = await key.signIn(relay.url)
    expect((await get('api/v1/posts', headers)).status).toBe(200)
    const second = await (await BrowserKey.make()).register(relay.url, url)
    expect([second.status, await codeOf(second)]).toEqual([403, 'bad_code'])
  }
  expect(new Set(urls.map((url) => readFragment(new URL(url).hash).code)).size).toBe(2)
})

test('no answer sets a cookie, and none is kept by the browser', async () => {
  const key = await BrowserKey.make()
  const answers = [
    await get(link(), {}),
    await key.register(relay.url, link()),
    await key.open(relay.url, await key.challenge(relay.url)),
    await get('api/v1/posts', await key.signIn(relay.url)),
  ]
  for (const { headers } of answers) expect(headers.get('set-cookie')).toBeNull()
  for (const { headers } of answers.slice(1)) expect(headers.get('cache-control')).toBe('no-store')
})

test('the page reads and answers; it posts, changes and lets in nobody', async () => {
  const headers = { ...(await (await letIn()).signIn(relay.url)) }
  const body = new URLSearchParams({ message: 'x', channel: '@me' })
  const refused = [
    await fetch(relay.url, { method: 'POST', headers, body }),
    await fetch(new URL('api/v1/links', relay.url), { method: 'POST', headers }),
    await fetch(new URL('api/v1/page/keys', relay.url), { method: 'DELETE', headers }),
  ]
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403])
})

test('a code is dead after 10 minutes, also by a clock that was set back, and after a restart', async () => {
  const key = await BrowserKey.make()
  const codes = { late: link(), early: link(), before: link() }
  relay.clock.ms += 10 * 60_000
  expect(await codeOf(await key.register(relay.url, codes.late))).toBe('bad_code')
  relay.clock.ms -= 11 * 60_000
  expect(await codeOf(await key.register(relay.url, codes.early))).toBe('bad_code')
  await restart()
  expect(await codeOf(await key.register(relay.url, codes.before))).toBe('bad_code')
})

test('a challenge is good for one try of its own key, within a minute', async () => {
  const [key, other] = [await letIn(), await letIn()]
  const meeting = await key.challenge(relay.url)
  const forged = await other.open(relay.url, meeting)
  expect([forged.status, await codeOf(forged)]).toEqual([403, 'bad_key'])
  expect((await key.open(relay.url, meeting)).status).toBe(403)
  const used = await key.challenge(relay.url)
  expect((await key.open(relay.url, used)).status).toBe(201)
  expect((await key.open(relay.url, used)).status).toBe(403)
  const late = await key.challenge(relay.url)
  relay.clock.ms += 60_000
  expect((await key.open(relay.url, late)).status).toBe(403)
})

test.each([
  ['origin', 'http://127.0.0.1:1'],
  ['instance', 'another'],
  ['relay', 'another'],
  ['nonce', 'another'],
])('a signature over another %s opens nothing', async (field, value) => {
  const key = await letIn()
  const meeting = await key.challenge(relay.url)
  expect((await key.open(relay.url, { ...meeting, [field]: value })).status).toBe(403)
})

test('after a restart the relay is at its port, knows the key, and takes nothing of before', async () => {
  const key = await letIn()
  const { url } = relay
  const headers = await key.signIn(url)
  const meeting = await key.challenge(url)
  await restart()
  expect(relay.url).toBe(url)
  const old = await get('api/v1/posts', headers)
  expect([old.status, await codeOf(old)]).toEqual([403, 'bad_key'])
  expect((await key.open(url, meeting)).status).toBe(403)
  expect((await get('api/v1/posts', await key.signIn(url))).status).toBe(200)
})

test('where another program took the port the relay has a new one for good, and lets in no key of the old', async () => {
  const key = await letIn()
  const { url } = relay
  await relay[Symbol.asyncDispose]()
  const taken = createServer()
  await new Promise<void>((resolve) =>
    taken.listen(Number(new URL(url).port), '127.0.0.1', resolve),
  )
  relay = await testRelay(folder.env)
  await new Promise((resolve) => taken.close(resolve))
  const moved = relay.url
  expect(moved).not.toBe(url)
  const answer = await ask(moved, 'challenges', { key: key.id, nonce: 'n'.repeat(32) })
  expect(await codeOf(answer)).toBe('bad_key')
  await restart()
  expect(relay.url).toBe(moved)
  const again = await ask(moved, 'challenges', { key: key.id, nonce: 'n'.repeat(32) })
  expect(await codeOf(again)).toBe('bad_key')
})

test('a port that is not free for long is in the range that systems give to nobody else', () => {
  expect(relay.relay.port).toBeGreaterThanOrEqual(20_000)
  expect(relay.relay.port).toBeLessThan(30_000)
})

test('keys that are forgotten open nothing any more, what they opened ends at once, and links made before are dead', async () => {
  const keys = [await letIn(), await letIn()]
  const headers = await keys[0]?.signIn(relay.url)
  const stream = await get('api/v1/events', headers ?? {})
  const before = link()
  const answer = await fetch(new URL('api/v1/page/keys', relay.url), {
    method: 'DELETE',
    headers: authorized(relay.token),
  })
  expect(await answer.json()).toEqual({ forgotten: 2 })
  // It ends: the text is complete.
  expect(await stream.text()).toMatch(/^retry/)
  expect((await get('api/v1/posts', headers ?? {})).status).toBe(403)
  const [key] = keys
  const refused = await ask(relay.url, 'challenges', { key: key?.id, nonce: 'n'.repeat(32) })
  expect(await codeOf(refused)).toBe('bad_key')
  const late = await (await BrowserKey.make()).register(relay.url, before)
  expect(await codeOf(late)).toBe('bad_code')
})

/** Sends a Host header as a browser would; fetch does not allow that. */
function statusAs(host: string, headers: Record<string, string>, path = 'api/v1/posts') {
  return new Promise<number | undefined>((resolve, reject) => {
    const url = new URL(path, relay.url)
    request(url, { headers: { ...headers, host }, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

test('only the page at 127.0.0.1 is let in: other names of this machine are other origins, which another program may serve', async () => {
  const headers = await (await letIn()).signIn(relay.url)
  const { port } = relay.relay
  expect(await statusAs(`127.0.0.1:${port}`, headers)).toBe(200)
  for (const name of ['localhost', '[::1]'])
    expect(await statusAs(`${name}:${port}`, headers)).toBe(403)
})

test.each(['http://127.0.0.1:1', 'https://evil.example', 'null'])(
  'a page of the origin %s registers nothing, even with a code',
  async (origin) => {
    const key = await (await BrowserKey.make()).public()
    const { code } = readFragment(new URL(link(), relay.url).hash)
    const answer = await ask(relay.url, 'keys', { code, key }, { origin })
    expect([answer.status, await codeOf(answer)]).toEqual([403, 'wrong_host'])
  },
)

test.each([
  ['no code', { key: { x: 'x'.repeat(43), y: 'y'.repeat(43) } }],
  [
    'a point that is not on the curve',
    { code: 'c'.repeat(32), key: { x: 'A'.repeat(43), y: 'A'.repeat(43) } },
  ],
  ['a private key', { code: 'c'.repeat(32), key: { x: 'A'.repeat(42), y: '' } }],
  ['a list', []],
])('%s is refused as what it is', async (_, body) => {
  const answer = await ask(relay.url, 'keys', body)
  expect([answer.status, await codeOf(answer)]).toEqual([400, 'bad_request'])
})

test('a clock that was ahead keeps no new browser out, however many were let in by it', async () => {
  relay.clock.ms += 86_400_000
  for (let n = 0; n < 50; n += 1) await letIn()
  relay.clock.ms -= 86_400_000
  await restart()
  const key = await letIn()
  expect((await get('api/v1/posts', await key.signIn(relay.url))).status).toBe(200)
})

test('links of many posts are made in one request, each with a code of its own', async () => {
  const answer = await fetch(new URL('api/v1/links', relay.url), {
    method: 'POST',
    headers: { ...authorized(relay.token), 'content-type': 'application/json' },
    body: JSON.stringify({ posts: ['a', 'b.c'] }),
  })
  const Links = z.object({ page: z.string(), posts: z.array(z.string()) })
  const { page, posts } = Links.parse(await answer.json())
  const read = [page, ...posts].map((one) => readFragment(new URL(one, relay.url).hash))
  expect(read.map(({ post }) => post)).toEqual([undefined, 'a', 'b.c'])
  expect(new Set(read.map(({ code }) => code)).size).toBe(3)
})
