// Which status `POST /` answers: 400 in plain text for all that the sender can put right, 403 for
// the token alone, 503 if the post is not stored.
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { startHub } from '../helpers/hub.ts'
import { authorized, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

const MB = 1024 * 1024

let folder: Folder
let relay: TestRelay

beforeAll(async () => {
  folder = temporaryFolder()
  const config = join(folder.path, 'relay.json')
  const limits = { fileBytes: MB, postBytes: 2 * MB }
  writeFileSync(config, JSON.stringify({ limits, quota: { postsPerMinute: 40 } }))
  relay = await testRelay({ ...folder.env, JUPYTERPOST_CONFIG: config })
})

afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

async function post(
  body: string | FormData | URLSearchParams,
  headers: Record<string, string> = {},
) {
  const answer = await fetch(relay.url, {
    method: 'POST',
    body,
    headers: { ...authorized(relay.token), ...headers },
  })
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  return { status: answer.status, text: await answer.text() }
}

const form = (channel: string, message = 'x') => new URLSearchParams({ channel, message })

function files(...sizes: readonly number[]): FormData {
  const parts = new FormData()
  parts.append('channel', '@me')
  parts.append('message', 'x')
  for (const size of sizes) parts.append('file', new File([Buffer.alloc(size)], 'a.bin'))
  return parts
}

const json = JSON.stringify({ channel: '@me', message: 'x' })

test.each([
  ['an unknown person', () => form('@nobody'), {}, /^@nobody does not exist/],
  ['an unknown service', () => form('slack:lab'), {}, /^slack:lab does not exist or is private/],
  ['a target that is none', () => form('../users'), {}, /^No target/],
  ['no target', () => form(''), {}, /^No target/],
  ['no field', () => new URLSearchParams({ message: 'x' }), {}, /^Missing field channel/],
  [
    'two channels',
    () => new URLSearchParams('channel=a&channel=b&message=x'),
    {},
    /"channel".*more than once/,
  ],
  ['another type', () => json, { 'content-type': 'application/json' }, /^Missing field message/],
  [
    'another charset',
    () => 'channel=a',
    { 'content-type': 'application/x-www-form-urlencoded; charset=utf-16' },
    /charset/,
  ],
  [
    'a compressed body',
    () => 'x',
    { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' },
    /content-encoding|encoding/i,
  ],
  [
    'a key that is none',
    () => form('@me'),
    { 'idempotency-key': 'with blanks' },
    /Idempotency-Key/,
  ],
  ['too much text', () => form('@me', 'x'.repeat(MB + 1)), {}, /limit/],
  ['a file that is too large', () => files(MB + 1), {}, /limit/],
  ['too large a post', () => files(MB, MB, MB), {}, /limit/],
])('%s is refused with 400 and a sentence', async (_, body, headers, words) => {
  const { status, text } = await post(body(), headers)
  expect(status).toBe(400)
  expect(text).toMatch(words)
  expect(text).not.toMatch(/\n {4}at /)
})

test('more posts than the quota are refused with 400, which says when to try again', async () => {
  let answer = { status: 200, text: '' }
  for (let n = 0; n < 60 && answer.status === 200; n += 1) {
    const sent = await fetch(relay.url, {
      method: 'POST',
      body: form('@me'),
      headers: authorized(relay.token),
    })
    answer = { status: sent.status, text: await sent.text() }
  }
  expect(answer.status).toBe(400)
  expect(answer.text).toMatch(/posts a minute .*try again in \d+ s/)
})

test('a token that is wrong or missing is refused with 403', async () => {
  for (const headers of [{ authorization: 'token wrong' }, { authorization: 'none' }])
    expect((await post(form('@me'), headers)).status).toBe(403)
})

test('an upload that is too large and slow is refused within four seconds', async () => {
  const socket = connect(relay.relay.port, '127.0.0.1')
  const head = [
    'POST / HTTP/1.1',
    'Host: 127.0.0.1',
    `Authorization: token ${relay.token}`,
    'Content-Type: multipart/form-data; boundary=x',
    `Content-Length: ${50 * MB}`,
  ]
  const began = performance.now()
  socket.write(`${head.join('\r\n')}\r\n\r\n--x`)
  const answer = await new Promise<string>((resolve) => {
    socket.setEncoding('utf8').once('data', (text) => resolve(String(text)))
  })
  socket.destroy()
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(performance.now() - began).toBeLessThan(4000)
})

test('503 in plain text says that the post is not stored: no Hub, no database', async () => {
  await using hub = await startHub()
  using home = temporaryFolder()
  const onHub = {
    ...home.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: hub.apiUrl,
  }
  hub.fail(500)
  await using away = await testRelay({ ...onHub, JUPYTERPOST_DATABASE: `${home.path}/a.sqlite` })
  // A folder is no database.
  await using broken = await testRelay({ ...onHub, JUPYTERPOST_DATABASE: home.path })
  for (const { url } of [away, broken]) {
    const answer = await fetch(url, { method: 'POST', body: form('@me'), headers: authorized('t') })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      503,
      'text/plain; charset=utf-8',
    ])
    expect(await answer.text()).toMatch(/try again|cannot store/)
  }
})
