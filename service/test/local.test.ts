import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { Proof, relayProof } from '../../post/relay/relay-file.ts'
import { Accepted, Feed, Problem, ReadPost } from '../../post/contract/schema.ts'
import {
  allDelivered,
  change,
  authorized,
  events,
  message,
  send,
  temporaryFolder,
  testRelay,
} from './helpers/relay.ts'
import type { Folder, TestRelay } from './helpers/relay.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let folder: Folder
let relay: TestRelay

beforeAll(async () => {
  folder = temporaryFolder()
  writeFileSync(join(folder.path, 'index.html'), '<!doctype html><title>inbox</title>')
  relay = await testRelay(folder.env, { page: folder.path })
})

afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const get = (path: string, headers: Record<string, string> = authorized(relay.token)) =>
  fetch(new URL(path, relay.url), { headers, redirect: 'manual' })

const problemOf = async (answer: Response) => Problem.parse(await answer.json())

async function accepted(answer: Response): Promise<string[]> {
  expect(answer.status).toBe(202)
  return Accepted.parse(await answer.json()).posts.map((post) => post.id)
}

test('a post to two targets is two posts, each with its destination, and both arrive', async () => {
  const answer = await send(relay, message('hello', '@me', 'fresh'))
  const { posts } = Accepted.parse(await answer.json())
  expect(posts.map((post) => [post.target, post.destination, post.status])).toEqual([
    ['@me', 'your inbox', 'queued'],
    ['fresh', '~fresh', 'queued'],
  ])
  expect(posts[1]?.notices).toEqual(['~fresh is a new channel of your inbox'])
  await allDelivered(
    relay,
    posts.map((post) => post.id),
  )
  const feed = Feed.parse(await (await get('api/v1/posts?limit=2')).json())
  expect(feed.posts.map((post) => [post.id, post.status, post.blocks])).toEqual(
    posts.map((post) => [post.id, 'delivered', message('hello').blocks]),
  )
})

test('a list with one refused target sends nothing', async () => {
  const before = Feed.parse(await (await get('api/v1/posts')).json()).cursor
  const answer = await send(relay, message('hello', '@me', '@nobody'))
  expect(answer.status).toBe(404)
  expect(await problemOf(answer)).toMatchObject({ code: 'unknown_target' })
  expect(Feed.parse(await (await get('api/v1/posts')).json()).cursor).toBe(before)
})

test.each([
  ['../users/me'],
  ['town/../x'],
  ['~two/words'],
  ['a\u0000b'],
  ['a\nb'],
  ['..'],
  ['@'],
  ['~'],
  ['a..b'],
  ['@me,,lab'],
  ['<b>'],
])('the target %j is refused with what was expected', async (target) => {
  const answer = await send(relay, message('x', target))
  expect(answer.status).toBe(400)
  const { code, detail } = await problemOf(answer)
  expect(code).toBe('bad_target')
  expect(detail).toContain('expected @me, @name, a channel')
})

/** The answer without its link, which is new in each answer. */
async function stored(answer: Response): Promise<object[]> {
  const { posts } = Accepted.parse(await answer.json())
  return posts.map((post) => ({ ...post, url: new URL(post.url ?? '').hash.split('.')[0] }))
}

test('a repeated idempotency key gives the first answer, with another body it is refused', async () => {
  const first = await send(relay, message('once', 'keys'), { key: 'k-1' })
  const posts = await stored(first)
  const again = await send(relay, message('once', 'keys'), { key: 'k-1' })
  expect(again.status).toBe(202)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(await stored(again)).toEqual(posts)
  const other = await send(relay, message('twice', 'keys'), { key: 'k-1' })
  expect(other.status).toBe(422)
  expect(await problemOf(other)).toMatchObject({ code: 'idempotency_conflict' })
})

const race = () => send(relay, message('race', 'race'), { key: 'k-race' })

test('ten requests at once with one key are one post', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, race))
  const [id] = await accepted(await race())
  for (const answer of answers) {
    // As long as the first of them is handled, the others are told to come back.
    if (answer.status === 409) expect((await problemOf(answer)).code).toBe('idempotency_running')
    else expect(await accepted(answer)).toEqual([id])
  }
  const { posts } = Feed.parse(await (await get('api/v1/posts')).json())
  expect(posts.filter(({ destination }) => destination === '~race')).toHaveLength(1)
})

test.each([
  ['not JSON', '{'],
  ['no blocks', { targets: ['@me'], blocks: [] }],
  ['no targets', { targets: [], blocks: [{ type: 'message', text: 'x' }] }],
  ['an unknown block', { targets: ['@me'], blocks: [{ type: 'script', text: 'x' }] }],
  ['a file that is not there', { targets: ['@me'], blocks: [{ type: 'image', file: 0 }] }],
])('a manifest with %s is refused', async (_, manifest) => {
  const answer = await send(relay, manifest)
  expect(answer.status).toBe(400)
  expect(await problemOf(answer)).toMatchObject({ code: 'bad_request' })
})

test('more text than the limit is refused with limit and size', async () => {
  const answer = await send(relay, message('x'.repeat(1024 * 1024 + 1), '@me'))
  expect(answer.status).toBe(413)
  const { detail } = await problemOf(answer)
  expect(detail).toContain('1048576')
  expect(detail).toContain('1048609') // 32 for the block
})

test.each([
  ['blocks', Array.from({ length: 40_000 }, () => ({ type: 'image', file: 0 }))],
  ['cells', [{ type: 'table', columns: [], rows: [Array<string>(1_100_000).fill('')] }]],
])(
  'a great number of %s without text is refused: showing them would keep all others waiting',
  async (_, blocks) => {
    const files = [new File([PNG], 'one.png')]
    const answer = await send(relay, { targets: ['@me'], blocks }, { files })
    expect(answer.status).toBe(413)
    expect(await problemOf(answer)).toMatchObject({ code: 'too_large' })
  },
)

// A control character counts as the six bytes that JSON makes of it.
test.each([
  ['quotes', '"', 1],
  ['control characters', '\u0001', 6],
])('text within the limit is taken however long JSON makes it: %s', async (name, one, bytes) => {
  const most = Math.floor((1024 * 1024 - 32) / bytes)
  await accepted(await send(relay, message(one.repeat(most), name.split(' ')[0] ?? name)))
  expect((await send(relay, message(one.repeat(most + 1), 'more'))).status).toBe(413)
})

test('files are named anew, typed by their bytes, and only images are shown inline', async () => {
  const blocks = [
    { type: 'image', file: 0 },
    { type: 'file', file: 1 },
    { type: 'file', file: 2 },
  ]
  const [id = ''] = await accepted(
    await send(
      relay,
      { targets: ['@me'], blocks },
      {
        files: [
          new File([PNG], '../../etc/pass"wd\r\nX-Evil: 1.html', { type: 'text/html' }),
          new File(['<script>alert(1)</script>'], 'größe.html', { type: 'image/png' }),
          new File([new Uint8Array([0, 1, 2])], '...'),
        ],
      },
    ),
  )
  const { files } = ReadPost.parse(await (await get(`api/v1/posts/${id}`)).json())
  expect(files.map((file) => [file.name, file.mimetype])).toEqual([
    [expect.stringMatching(/^[\p{L}\p{N}._-]+\.png$/u), 'image/png'],
    ['größe.html', 'text/plain'],
    ['file', 'application/octet-stream'],
  ])
  const image = await get(`api/v1/posts/${id}/files/0`)
  expect(image.headers.get('content-type')).toBe('image/png')
  expect(image.headers.get('content-disposition')).toBeNull()
  expect(image.headers.get('content-security-policy')).toContain('sandbox')
  expect(image.headers.get('x-content-type-options')).toBe('nosniff')
  expect(Buffer.from(await image.arrayBuffer()).equals(PNG)).toBe(true)
  const page = await get(`api/v1/posts/${id}/files/1`)
  expect(page.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(page.headers.get('content-disposition')).toMatch(/^attachment;/)
})

test.each([
  [
    'cut in a part',
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="post"\r\n\r\n{"ta',
  ],
  ['without a boundary', 'multipart/form-data', 'x'],
  [
    'of a wrong file field',
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="evil"; filename="a"\r\n\r\nx\r\n--b--\r\n',
  ],
  ['of another type', 'application/json', '{}'],
  ['empty', 'multipart/form-data; boundary=b', ''],
])('a body %s is answered 400', async (_, type, body) => {
  const answer = await fetch(new URL('api/v1/posts', relay.url), {
    method: 'POST',
    headers: { ...authorized(relay.token), 'content-type': type },
    body,
  })
  expect(answer.status).toBe(400)
  expect(await problemOf(answer)).toMatchObject({ code: 'bad_request' })
})

test('a refusal waits for the end of the body, or a proxy would answer in its place', async () => {
  const body = Buffer.alloc(1024 * 1024)
  const socket = connect(relay.relay.port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const head = `POST /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`
  await new Promise((resolve) => socket.write(head, resolve))
  await new Promise((resolve) => socket.write(body.subarray(1), resolve))
  // By the time these are answered the refusal would be here, if it had not waited.
  for (let n = 0; n < 5; n += 1) await get('health')
  expect(text).toBe('')
  socket.end(body.subarray(0, 1))
  await once(socket, 'close')
  expect(text).toMatch(/^HTTP\/1\.1 403 /)
})

test('a body without its length is refused, for nothing would bound it', async () => {
  const answer = await fetch(new URL('api/v1/posts', relay.url), {
    method: 'POST',
    headers: { ...authorized(relay.token), 'content-type': 'multipart/form-data; boundary=b' },
    body: new Blob(['--b--']).stream(),
    duplex: 'half',
  })
  expect(answer.status).toBe(400)
  expect(await problemOf(answer)).toMatchObject({ code: 'bad_request' })
})

test.each([
  ['no token', {}, 403, 'no_token'],
  ['a wrong token', authorized('x'), 403, 'bad_token'],
  ['another scheme', { authorization: 'Basic eDp5' }, 403, 'no_token'],
])('%s is refused', async (_, headers, status, code) => {
  const answer = await get('api/v1/posts', headers)
  expect(answer.status).toBe(status)
  expect(await problemOf(answer)).toMatchObject({ code })
})

test('a token in the address is no token', async () => {
  expect((await get(`api/v1/posts?token=${relay.token}`, {})).status).toBe(403)
})

test('another Host header is refused, so a rebound name of a web page reads nothing', async () => {
  const status = await new Promise((resolve, reject) => {
    httpRequest(
      `${relay.url}api/v1/proof?nonce=0123456789abcdef`,
      { headers: { host: 'evil.example:80' } },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      },
    )
      .on('error', reject)
      .end()
  })
  expect(status).toBe(403)
})

test('the relay proves itself by the token and its instance', async () => {
  const nonce = 'abcdefghijklmnop'
  const { instance, proof } = Proof.parse(
    await (await get(`api/v1/proof?nonce=${nonce}`, {})).json(),
  )
  expect(instance).toBe(relay.relay.gate?.instance)
  expect(proof).toBe(relayProof(relay.token, nonce, instance))
  expect((await get('api/v1/proof?nonce=short', {})).status).toBe(400)
})

test('the page comes under a policy without inline script', async () => {
  const page = await get('', {})
  expect(page.status).toBe(200)
  const policy = page.headers.get('content-security-policy')
  expect(policy).toMatch(/script-src 'self';/)
  expect(policy).not.toContain('unsafe')
  expect(await page.text()).toContain('<title>inbox</title>')
})

test('the event stream goes on after the last event that was seen', async () => {
  const earlier = Feed.parse(await (await get('api/v1/posts')).json())
  await allDelivered(
    relay,
    earlier.posts.map(({ id }) => id),
  )
  const start = Feed.parse(await (await get('api/v1/posts')).json()).cursor
  const ids = await accepted(await send(relay, message('one', 'stream')))
  await allDelivered(relay, ids)
  let seen = start
  for await (const event of events(relay, start)) {
    expect(event.post.id).toBe(ids[0])
    seen = event.id
    if (event.post.status === 'delivered') break
  }
  ids.push(...(await accepted(await send(relay, message('two', 'stream')))))
  for await (const event of events(relay, seen)) {
    expect(event.post.id).toBe(ids[1])
    if (event.post.status === 'delivered') break
  }
})

test('a delivered post of the inbox can be changed and deleted by its sender', async () => {
  const [id = ''] = await accepted(await send(relay, message('draft', '@me')))
  await allDelivered(relay, [id])
  const { cursor } = Feed.parse(await (await get('api/v1/posts')).json())
  const url = new URL(`api/v1/posts/${id}`, relay.url)
  const file = new File(['abc'], 'a.txt')
  const blocks = [...message('final').blocks, { type: 'file', file: 0 }]
  const changed = await change(relay, id, { blocks }, { key: 'c1', files: [file] })
  expect(ReadPost.parse(await changed.json())).toMatchObject({ blocks, files: [{ name: 'a.txt' }] })
  const again = await change(relay, id, { blocks }, { key: 'c1', files: [file] })
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  const other = await change(relay, id, message('other'), { key: 'c1' })
  expect(other.status).toBe(422)
  expect(await (await get(`api/v1/posts/${id}/files/0`)).text()).toBe('abc')
  const gone = await fetch(url, { method: 'DELETE', headers: authorized(relay.token) })
  expect(gone.status).toBe(204)
  expect((await get(`api/v1/posts/${id}`)).status).toBe(404)
  for await (const event of events(relay, cursor)) {
    expect(event).toMatchObject({ event: 'gone', post: { id } })
    break
  }
})

test('a post that nobody will deliver can no longer be changed, and says so', async () => {
  const unknown = await change(relay, 'no-such-post', { blocks: message('x').blocks })
  expect(unknown.status).toBe(404)
  const [id = ''] = await accepted(await send(relay, message('draft', '@me')))
  for (const content of [{}, { blocks: [] }, { blocks: [{ type: 'image', file: 0 }] }])
    expect((await change(relay, id, content)).status).toBe(400)
})

const sentForm = async (text: string) =>
  fetch(relay.url, {
    method: 'POST',
    headers: { ...authorized(relay.token), 'idempotency-key': 'form-1' },
    body: new URLSearchParams({ message: text, channel: 'forms' }),
  })

test('the form of the original takes a post with a key once', async () => {
  const answers = [await sentForm('once'), await sentForm('once'), await sentForm('other')]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400])
  expect(answers[1]?.headers.get('idempotent-replayed')).toBe('true')
  const { posts } = Feed.parse(await (await get('api/v1/posts')).json())
  expect(posts.filter(({ target }) => target === 'forms')).toHaveLength(1)
})

test('the form of the original is answered as the original did', async () => {
  const form = (fields: Record<string, string>) =>
    fetch(relay.url, {
      method: 'POST',
      headers: authorized(relay.token),
      body: new URLSearchParams(fields),
    })
  const sent = await form({ message: 'hi', channel: '@myself' })
  expect([sent.status, await sent.text()]).toEqual([200, ''])
  const unknown = await form({ message: 'hi', channel: '@nobody' })
  expect(unknown.status).toBe(400)
  expect(unknown.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(await unknown.text()).toMatch(/^@nobody does not exist/)
  const missing = await form({ message: 'hi' })
  expect([missing.status, await missing.text()]).toEqual([
    400,
    'Missing field channel: expected message and channel',
  ])
  const upload = new FormData()
  upload.append('message', 'plot')
  upload.append('channel', 'town')
  upload.append('file', new File([PNG], 'upload.png'))
  const posted = await fetch(relay.url, {
    method: 'POST',
    headers: authorized(relay.token),
    body: upload,
  })
  expect(posted.status).toBe(200)
  const { posts } = Feed.parse(await (await get('api/v1/posts?limit=1')).json())
  expect(posts[0]?.blocks).toEqual([
    { type: 'message', text: 'plot' },
    { type: 'image', file: 0 },
  ])
  await allDelivered(relay, [posts[0]?.id ?? ''])
})

test('targets, limits, health, readiness and metrics have their addresses', async () => {
  expect(await (await get('api/v1/targets?q=to')).json()).toEqual({ targets: ['town'] })
  expect(await (await get('api/v1/limits')).json()).toMatchObject({ files: 100 })
  expect((await get('health', {})).status).toBe(200)
  const ready = await get('ready', {})
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
  expect(await (await get('metrics')).text()).toMatch(/^jupyterpost_accepted_total \d+$/m)
})

test('an unknown address is a problem document', async () => {
  const answer = await get('api/v1/nothing')
  expect(answer.status).toBe(404)
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(await problemOf(answer)).toMatchObject({ code: 'not_found', status: 404 })
})

test('the token is not in the database', () => {
  const bytes = readFileSync(join(folder.path, 'state', 'jupyterpost', 'jupyterpost.sqlite'))
  expect(bytes.includes(relay.token)).toBe(false)
})
