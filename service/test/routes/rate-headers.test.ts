// What is left of the quotas is in each answer that they concern, as the IETF's draft writes it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

import { rateHeaders } from '../../routes/rate-headers.ts'
import { authorized, change, message, send, temporaryFolder, testRelay } from '../helpers/relay.ts'
import { Accepted } from '../../../post/contract/schema.ts'

test('quotas are lists of items with their parameters', () => {
  const quotas = {
    postsPerMinute: { limit: 300, left: 299, seconds: 60 },
    bytesPerHour: { limit: 1000, left: -5, seconds: 12 },
    open: { limit: 3, left: 1, seconds: 0 },
  }
  expect(rateHeaders(quotas)).toEqual({
    'RateLimit-Policy':
      '"postsPerMinute";q=300;w=60, "bytesPerHour";q=1000;w=3600;qu="content-bytes", "open";q=3',
    RateLimit: '"postsPerMinute";r=299;t=60, "bytesPerHour";r=0;t=12, "open";r=1;t=0',
  })
  expect(rateHeaders({})).toEqual({})
})

test('posts, changes and the original form tell what is left, and a refusal when to come back', async () => {
  using folder = temporaryFolder()
  const config = join(folder.path, 'relay.json')
  writeFileSync(config, JSON.stringify({ quota: { postsPerMinute: 3 } }))
  await using relay = await testRelay({ ...folder.env, JUPYTERPOST_CONFIG: config })
  const posted = await send(relay, message('x', '@me'))
  expect(posted.headers.get('ratelimit-policy')).toMatch(/"postsPerMinute";q=3;w=60/)
  expect(posted.headers.get('ratelimit')).toMatch(/"postsPerMinute";r=2;t=\d+/)
  const [post] = Accepted.parse(await posted.json()).posts
  const changed = await change(relay, post?.id ?? '', { blocks: message('y').blocks })
  expect([changed.status, changed.headers.get('ratelimit')]).toEqual([200, expect.any(String)])
  const form = await fetch(relay.url, {
    method: 'POST',
    headers: authorized(relay.token),
    body: new URLSearchParams({ channel: '@me', message: 'x' }),
  })
  expect(form.headers.get('ratelimit')).toMatch(/"postsPerMinute";r=1;/)
  await send(relay, message('x', '@me'))
  const refused = await send(relay, message('x', '@me'))
  expect(refused.status).toBe(429)
  expect(refused.headers.get('ratelimit')).toMatch(/"postsPerMinute";r=0;/)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  const read = await fetch(`${relay.url}api/v1/posts`, { headers: authorized(relay.token) })
  expect(read.headers.get('ratelimit')).toBeNull()
})
