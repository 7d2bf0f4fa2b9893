// Tokens that the Hub does not know, sent by somebody who guesses or means harm.
import type { IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from '@jest/globals'

import { addressOf } from '../hub/address.ts'
import { TokenAnswers } from '../hub/token-answers.ts'
import { RelayError } from '../errors.ts'
import { GRANT, startHub } from './helpers/hub.ts'
import { authorized, temporaryFolder, testRelay } from './helpers/relay.ts'

test('a flood of unknown tokens neither reaches the Hub without end nor keeps known ones out', async () => {
  await using hub = await startHub()
  using folder = temporaryFolder()
  await using relay = await testRelay({
    ...folder.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_API_URL: hub.apiUrl,
    JUPYTERPOST_LISTEN: '127.0.0.1:0',
  })
  hub.users.set('t-ada', { name: 'ada', scopes: [GRANT] })
  hub.users.set('t-bob', { name: 'bob', scopes: [GRANT] })
  const asks = async (token: string, address: string) => {
    const headers = { ...authorized(token), 'x-forwarded-for': address }
    const answer = await fetch(new URL('api/v1/limits', relay.url), { headers })
    await answer.arrayBuffer()
    return answer
  }
  expect((await asks('t-ada', '192.0.2.1')).status).toBe(200)
  // What the client writes itself comes before what the proxy adds.
  const statuses = new Map<number, number>()
  for (let n = 0; n < 320; n += 1) {
    const { status } = await asks(`made-up-${n}`, `198.51.100.${n % 200}, 192.0.2.1`)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  expect(Object.fromEntries(statuses)).toEqual({ 403: 300, 429: 20 })
  expect(hub.asked()).toBe(301)
  // The same address: known tokens go on, even when it is time to ask the Hub again.
  expect((await asks('t-ada', '192.0.2.1')).status).toBe(200)
  expect(hub.asked()).toBe(301)
  const late = await asks('t-bob', '192.0.2.1')
  expect([late.status, late.headers.get('retry-after')]).toEqual([429, '60'])
  expect((await asks('t-bob', '192.0.2.2')).status).toBe(200)
  relay.clock.ms += 60_001
  expect((await asks('t-ada', '192.0.2.1')).status).toBe(200)
})

const accept = async () => 'in'
const refuse = async (): Promise<string> => {
  throw new RelayError('bad_token', 'no')
}

test('made-up tokens push no known one out, and what the Hub accepts counts for nobody', async () => {
  let now = 0
  const answers = new TokenAnswers<string>(() => now)
  const code = (token: string, address: string, ask = refuse) =>
    answers
      .of(token, address, { ask })
      .then(String, (error: unknown) =>
        error instanceof RelayError ? error.code : 'another error',
      )
  expect(await code('known', 'a', accept)).toBe('in')
  // More of them than are remembered, in as many minutes as it takes.
  for (let n = 0; n < 11_000; n += 1) {
    if (n % 300 === 0) now += 60_001
    expect(await code(`made-up-${n}`, 'a')).toBe('bad_token')
  }
  for (let n = 0; n < 300; n += 1) await code(`more-${n}`, 'a')
  expect(await code('one more', 'a')).toBe('too_many')
  expect(await code('known', 'a', accept)).toBe('in')
  now += 60_001
  for (let n = 0; n < 1000; n += 1) expect(await code(`student-${n}`, 'school', accept)).toBe('in')
})

test('more that start at once than the Hub is asked about try again soon', async () => {
  const answers = new TokenAnswers<string>(() => 0)
  const started = await Promise.allSettled(
    Array.from({ length: 301 }, (_, n) =>
      answers.of(`student-${n}`, 'school', { ask: async () => 'in' }),
    ),
  )
  expect(started.at(-1)).toMatchObject({ reason: { code: 'too_many', retryAfter: 2 } })
  expect(await answers.of('student-300', 'school', { ask: async () => 'in' })).toBe('in')
})

test.each([
  [{}, '127.0.0.1', '127.0.0.1'],
  [{ 'x-forwarded-for': '6.6.6.6, 192.0.2.7' }, '127.0.0.1', '192.0.2.7'],
  [{ 'x-forwarded-for': '6.6.6.6,::ffff:192.0.2.7' }, '::1', '192.0.2.7'],
  [{ 'x-forwarded-for': 'no address' }, '::ffff:10.0.0.3', '10.0.0.3'],
  [{ 'x-forwarded-for': '2001:db8:1:2:3:4:5:6' }, '127.0.0.1', '2001:db8:1:2::/64'],
  [{ 'x-forwarded-for': '2001:DB8:1:2::9' }, '127.0.0.1', '2001:db8:1:2::/64'],
  [{ 'x-forwarded-for': '::1' }, '127.0.0.1', '0:0:0:0::/64'],
  [{}, 'fe80::1%eth0', 'fe80:0:0:0::/64'],
] satisfies Array<[IncomingHttpHeaders, string, string]>)(
  'with the headers %j from %s the request is from %s',
  (headers, remoteAddress, expected) => {
    const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
    expect(addressOf({ headers, socket })).toBe(expected)
  },
)
