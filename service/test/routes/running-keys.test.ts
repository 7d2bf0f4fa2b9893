// A key whose request is being handled: 409 for the same request, 422 for another one. Clients send
// the request again by themselves.
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { submitPost } from '../../../post/relay/client.ts'
import { Problem } from '../../../post/contract/schema.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import type { TestHub } from '../helpers/hub.ts'
import { listening, message, send, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

let hub: TestHub
let folder: Folder
let relay: TestRelay
/** A chat that takes connections and answers nothing: a post to it is accepted after 3 s. */
const silent = createServer()

beforeAll(async () => {
  hub = await startHub()
  hub.users.set('t', { name: 'ada', scopes: [GRANT] })
  folder = temporaryFolder()
  relay = await testRelay({
    ...folder.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: hub.apiUrl,
    JUPYTERPOST_DATABASE: `${folder.path}/relay.sqlite`,
    MATTERMOST_URL: `http://127.0.0.1:${await listening(silent)}`,
    MATTERMOST_TOKEN: 'token',
    MATTERMOST_TEAM: 'team',
  })
})

afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  await hub[Symbol.asyncDispose]()
  silent.close()
  folder[Symbol.dispose]()
})

test('a request that comes again while it is handled gets 409, another one with its key 422', async () => {
  const at = { url: relay.url, token: 't' }
  const both = [1, 2].map(() => send(at, message('one', 'town'), { key: 'k' }))
  const refused = await Promise.race(both)
  const other = await send(at, message('two', 'town'), { key: 'k' })
  const statuses = (await Promise.all(both)).map(({ status }) => status)
  expect(new Set([...statuses, other.status])).toEqual(new Set([202, 409, 422]))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([409, '2'])
  expect(Problem.parse(await refused.json()).code).toBe('idempotency_running')
  const again = await send(at, message('one', 'town'), { key: 'k' })
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true'])
})

test('a client whose request is still being handled gets the first answer', async () => {
  const at = { url: new URL(relay.url), token: 't' }
  const post = {
    targets: ['town'],
    blocks: [{ type: 'message' as const, text: 'hello' }],
    files: [],
  }
  const [one, other] = await Promise.all([
    submitPost(at, post, { idempotencyKey: 'same' }),
    submitPost(at, post, { idempotencyKey: 'same' }),
  ])
  expect(other).toEqual(one)
})
