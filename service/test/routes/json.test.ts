// A post without files may be JSON instead of a form.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { gzipSync } from 'node:zlib'

import { authorized, message, send, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

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

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(new URL('api/v1/posts', relay.url), {
    method: 'POST',
    body,
    headers: { ...authorized(relay.token), 'content-type': 'application/json', ...headers },
  })
}

/** The id of the first post in an answer. */
function idIn(answer: string): string {
  const id = /"id":"([\w-]+)"/.exec(answer)?.[1]
  if (id === undefined) throw new Error(`no post in ${answer}`)
  return id
}

test.each(['application/json', 'application/json; charset=utf-8'])(
  'a manifest as %s is a post',
  async (type) => {
    const answer = await post(JSON.stringify(message('grüße 𝐚', 'me')), { 'content-type': type })
    expect(answer.status).toBe(202)
    const list = await fetch(new URL('api/v1/posts', relay.url), {
      headers: authorized(relay.token),
    })
    expect(await list.json()).toMatchObject({ posts: [{ blocks: [{ text: 'grüße 𝐚' }] }] })
  },
)

test('the same post as JSON and as a form is one post, by its key', async () => {
  const manifest = JSON.stringify(message('once', 'me'))
  const first = await post(manifest, { 'idempotency-key': 'k' })
  const again = await send(relay, manifest, { key: 'k' })
  expect(idIn(await again.text())).toBe(idIn(await first.text()))
  expect(again.headers.get('idempotent-replayed')).toBe('true')
})

test('a post can be changed with JSON too', async () => {
  const id = idIn(await (await post(JSON.stringify(message('before', 'me')))).text())
  const changed = await fetch(new URL(`api/v1/posts/${id}`, relay.url), {
    method: 'PATCH',
    body: JSON.stringify({ blocks: [{ type: 'message', text: 'after' }] }),
    headers: { ...authorized(relay.token), 'content-type': 'application/json' },
  })
  expect(changed.status).toBe(200)
  expect(await changed.text()).toContain(id)
})

test.each([
  ['no JSON', '{', {}, 400, 'expected JSON'],
  ['JSON of another shape', '[]', {}, 400, 'part `post`'],
  ['nothing', '', {}, 400, ''],
  ['compressed', gzipSync('{}'), { 'content-encoding': 'gzip' }, 415, 'without Content-Encoding'],
  ['in no charset', '{}', { 'content-type': 'application/json; charset=x-none' }, 415, 'UTF-8'],
  [
    'in another charset',
    '{}',
    { 'content-type': 'application/json; charset=latin1' },
    415,
    'UTF-8',
  ],
  ['in no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'UTF-8'],
  ['of no type', '{}', { 'content-type': '' }, 415, 'application/json or multipart/form-data'],
  ['as text', '{}', { 'content-type': 'text/plain' }, 415, 'application/json'],
] as const)('%s is refused with a sentence', async (_, body, headers, status, words) => {
  const answer = await post(typeof body === 'string' ? body : new Uint8Array(body), headers)
  expect(answer.status).toBe(status)
  const problem: unknown = await answer.json()
  expect(JSON.stringify(problem).toLowerCase()).toContain(words.toLowerCase())
})
