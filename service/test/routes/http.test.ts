// What a request is refused with that no route was made for: always a problem document in words.
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { Problem } from '../../../post/contract/schema.ts'
import { authorized, message, send, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

let folder: Folder
let relay: TestRelay

beforeAll(async () => {
  folder = temporaryFolder()
  relay = await testRelay(folder.env)
})

afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

interface Sent {
  headers?: Record<string, string>
  body?: string | FormData | Uint8Array<ArrayBuffer>
}

const call = (method: string, path: string, { headers, ...rest }: Sent = {}) =>
  fetch(`${relay.url}${path}`, {
    method,
    headers: { ...authorized(relay.token), ...headers },
    ...rest,
  })

/** Sends these bytes, and nothing else. Returns all that comes back. */
async function raw(...requests: readonly string[]): Promise<string> {
  const socket = connect(relay.relay.port, '127.0.0.1')
  for (const request of requests) socket.write(request, 'latin1')
  return text(socket.setEncoding('utf8'))
}

const problemIn = (answer: string) =>
  Problem.parse(JSON.parse(answer.slice(answer.lastIndexOf('\r\n\r\n'))))

test.each([
  ['PUT', 'api/v1/posts', 'POST, GET, HEAD, OPTIONS'],
  ['GET', 'api/v1/identity', 'POST, OPTIONS'],
  ['POST', 'api/v1/posts/x/files/0', 'GET, HEAD, OPTIONS'],
  ['DELETE', 'api/v1/watches/x/commands', 'GET, HEAD, OPTIONS'],
  ['DELETE', '', 'POST, GET, HEAD, OPTIONS'],
  ['POST', 'health', 'GET, HEAD, OPTIONS'],
])('%s of /%s is refused with 405, and Allow has its methods', async (method, path, allow) => {
  const answer = await fetch(relay.url + path, { method })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
  const { code, detail } = Problem.parse(await answer.json())
  expect(code).toBe('method_not_allowed')
  expect(detail).toContain(allow)
})

test('OPTIONS tells the methods of an address, without a token', async () => {
  const answer = await fetch(`${relay.url}api/v1/posts/x`, { method: 'OPTIONS' })
  expect([answer.status, answer.headers.get('allow')]).toEqual([
    204,
    'GET, HEAD, PATCH, DELETE, OPTIONS',
  ])
})

test('HEAD is answered as GET without the body, and opens no stream', async () => {
  for (const path of [
    'api/v1/posts',
    'api/v1/events',
    'api/v1/limits',
    'api/v1/openapi.json',
    '',
  ]) {
    const [head, get] = await Promise.all([
      call('HEAD', path),
      call('GET', path === 'api/v1/events' ? `${path}?until=now` : path),
    ])
    expect([path, head.status, await head.text()]).toEqual([path, 200, ''])
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
    await get.text()
  }
})

test.each([
  ['an unknown parameter', 'api/v1/posts?limt=5', /limt/],
  ['a parameter twice', 'api/v1/posts?limit=5&limit=6', /limit came twice/],
  ['a limit that is no number', 'api/v1/posts?limit=1e2', /1 to 200, got "1e2"/],
  ['a limit of nothing', 'api/v1/posts?limit=', /1 to 200, got ""/],
  ['a limit that is too large', 'api/v1/posts?limit=201', /1 to 200, got "201"/],
  ['a wrong percent-encoding', 'api/v1/targets?q=%zz', /percent-encoded UTF-8/],
  ['a percent-encoding of no UTF-8', 'api/v1/targets?q=%ff', /percent-encoded UTF-8/],
  ['a target twice', 'api/v1/targets?q=a&q=b', /q came twice/],
  ['no nonce', 'api/v1/proof', /nonce/],
  ['an unknown end of events', 'api/v1/events?until=tomorrow', /until: .*got "tomorrow"/],
  ['a wrong path', 'api/v1/posts/%zz', /percent-encoded UTF-8/],
  ['a path of no UTF-8', 'api/v1/posts/%ff/answer', /percent-encoded UTF-8/],
])('%s is refused in words', async (_, path, words) => {
  const answer = await call('GET', path)
  expect(answer.status).toBe(400)
  const { code, detail } = Problem.parse(await answer.json())
  expect(code).toBe('bad_request')
  expect(detail).toMatch(words)
})

const json = (type: string) => ({ 'content-type': type })

test.each([
  ['PUT', 'api/v1/watches/00000000-0000-4000-8000-000000000000', json('text/plain'), '{}'],
  ['POST', 'api/v1/identity', json('application/json; charset=utf-16'), '{}'],
  ['POST', 'api/v1/identity', json('no type'), '{}'],
  ['POST', 'api/v1/links', { ...json('application/json'), 'content-encoding': 'br' }, '{}'],
  ['PATCH', 'api/v1/posts/x', json('application/x-www-form-urlencoded'), 'post={}'],
])(
  '%s of %s with %j is refused with 415 and what is expected',
  async (method, path, headers, body) => {
    const answer = await call(method, path, { headers, body })
    expect(answer.status).toBe(415)
    const { code, detail } = Problem.parse(await answer.json())
    expect(code).toBe('unsupported_type')
    expect(detail).toMatch(/^Expected /)
    const named = answer.headers.get('accept') ?? answer.headers.get('accept-encoding')
    expect(named).toMatch(/application\/json|identity/)
  },
)

test.each([
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400, 'bad_request'],
  ['no JSON', '{"text":', 400, 'bad_request'],
  ['nothing', '', 400, 'bad_request'],
  ['deep JSON', '['.repeat(1000), 400, 'bad_request'],
  ['another shape', '[]', 400, 'bad_request'],
  ['too much', `{"name":"${'x'.repeat(5000)}"}`, 413, 'too_large'],
])('a JSON body with %s is refused in words', async (_, body, status, code) => {
  const headers = json('application/json')
  const answer = await call('POST', 'api/v1/identity', {
    headers,
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
  expect(answer.status).toBe(status)
  expect(Problem.parse(await answer.json()).code).toBe(code)
})

test('a field of a form that comes twice is refused, and so is a form without a boundary', async () => {
  const form = new FormData()
  const manifest = JSON.stringify(message('x', 'me'))
  form.append('post', manifest)
  form.append('post', manifest)
  const twice = await call('POST', 'api/v1/posts', { body: form })
  expect(twice.status).toBe(400)
  expect(Problem.parse(await twice.json()).detail).toMatch(/"post".* more than once/)
  const headers = json('multipart/form-data')
  const broken = await call('POST', 'api/v1/posts', { headers, body: '--x' })
  expect([broken.status, Problem.parse(await broken.json()).code]).toEqual([400, 'bad_request'])
})

const HOST = 'Host: 127.0.0.1\r\n'

test.each([
  ['headers that are too large', `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['an address that is too long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
  ['no HTTP', 'good morning\r\n\r\n', 400],
  ['the first bytes of TLS', '\x16\x03\x01\x02\x00', 400],
  [
    'two lengths',
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
    400,
  ],
  [
    'a length and chunks',
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    400,
  ],
  ['no Host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['two Hosts', `GET /health HTTP/1.1\r\n${HOST}Host: other\r\nConnection: close\r\n\r\n`, 400],
  [
    'an unknown expectation',
    `GET /health HTTP/1.1\r\n${HOST}Expect: tea\r\nConnection: close\r\n\r\n`,
    400,
  ],
])('%s: the answer is a problem in words', async (_, request, status) => {
  const answer = await raw(request)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(answer).toContain('application/problem+json')
  expect(problemIn(answer).status).toBe(status)
})

test('the second request of a connection is refused in words too', async () => {
  const good = `GET /health HTTP/1.1\r\n${HOST}\r\n`
  const answer = await raw(good, `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(20_000)}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  expect(problemIn(answer).code).toBe('headers_too_large')
})

test('chunks that are broken end the request, and the relay goes on', async () => {
  const head = `POST /api/v1/links HTTP/1.1\r\n${HOST}Authorization: token ${relay.token}\r\nContent-Type: application/json\r\n`
  const answer = await raw(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`)
  expect(problemIn(answer).code).toBe('bad_request')
  expect((await send(relay, message('still here', 'me'))).status).toBe(202)
})
