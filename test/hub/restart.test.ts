// A real JupyterHub that restarts: a relay that runs outside of it goes on, lets in nobody whom it
// cannot check meanwhile, and knows the same tokens afterwards. What waited in the Hub's own relay
// arrives, once.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { MattermostServer } from '../../service/test/helpers/mattermost.ts'
import { until } from '../helpers/until.ts'
import { startHub } from './helpers/hub.ts'
import type { TestHub } from './helpers/hub.ts'
import { startOutsideRelay } from './helpers/outside-relay.ts'
import type { OutsideRelay } from './helpers/outside-relay.ts'

/** Long, since the environment may have to be made first. */
const SETUP_LIMIT = 400_000
const POSTS = /^\/posts$/

let mattermost: MattermostServer
let hub: TestHub
let outside: OutsideRelay

beforeAll(async () => {
  mattermost = await MattermostServer.start()
  mattermost.addUser('alice')
  mattermost.addChannel('lab', ['alice'])
  const { url, team, token } = mattermost
  hub = await startHub({
    version: 'hub6',
    baseUrl: '/jh/',
    mattermost: { url, team, token },
    async startOutside(about) {
      outside = await startOutsideRelay(about)
      return outside.origin
    },
  })
}, SETUP_LIMIT)

afterAll(async () => {
  await hub?.stop()
  await outside?.stop()
  await mattermost?.close()
}, 60_000)

async function userToken(service: string): Promise<string> {
  const scopes = [`access:services!service=${service}`]
  const made = await hub.api('POST', 'users/alice/tokens', { scopes, expires_in: 600 })
  return z.object({ token: z.string() }).parse(made).token
}

async function post(address: string, token: string, target: string): Promise<number> {
  const blocks = [{ type: 'message', text: 'around a restart' }]
  const answer = await fetch(`${address}api/v1/posts`, {
    method: 'POST',
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ targets: [target], blocks }),
  })
  await answer.text()
  return answer.status
}

test('a Hub that restarts: 503 for tokens that nobody can check, then the same tokens work, and what waited arrives once', async () => {
  const direct = `${outside.origin}/jh/services/outside/`
  const [seen, unseen, chat] = await Promise.all(['outside', 'outside', 'chat'].map(userToken))
  expect(await post(direct, seen ?? '', '@me')).toBe(202)
  // It waits in a relay that ends and starts with the Hub.
  mattermost.fail('POST', POSTS, { kind: 'answer', status: 503, body: 'away' }, Infinity)
  expect(await post(hub.serviceUrl('chat'), chat ?? '', 'lab')).toBe(202)
  await mattermost.arrived('POST', POSTS)
  await hub.restart(async () => {
    expect(await post(direct, unseen ?? '', '@me')).toBe(503)
    expect(await post(direct, 'no-token-of-anybody', '@me')).toBe(503)
    mattermost.heal()
  })
  expect(await post(direct, unseen ?? '', '@me')).toBe(202)
  expect(await post(direct, 'no-token-of-anybody', '@me')).toBe(403)
  expect(await post(hub.serviceUrl('chat'), chat ?? '', 'lab')).toBe(202)
  await until(() => mattermost.state.posts.length >= 2, 'both arrive')
  expect(mattermost.state.posts).toHaveLength(2)
}, 120_000)
