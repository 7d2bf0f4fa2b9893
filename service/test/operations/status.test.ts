// `/ready` and `/metrics` behind the Hub's proxy, where every connection comes from this machine:
// the address of a caller allows nothing, only a token does.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'

import { RelayFile, relayFilePath } from '../../../post/relay/relay-file.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import type { TestHub } from '../helpers/hub.ts'
import {
  authorized,
  message,
  send,
  spawnProgram,
  temporaryFolder,
  testRelay,
} from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

let folder: Folder
let hub: TestHub
let relay: TestRelay

beforeAll(async () => {
  folder = temporaryFolder()
  hub = await startHub()
  hub.users.set('t-ada', { name: 'ada', groups: ['secret-group'], scopes: [GRANT] })
  hub.users.set('t-root', { name: 'root', scopes: [GRANT], admin: true })
  hub.users.set('t-elsewhere', { name: 'root', scopes: ['access:servers'], admin: true })
  hub.users.set('t-robot', { name: 'robot', kind: 'service', scopes: [GRANT], admin: true })
  hub.users.set('t-numbers', { name: 'prometheus', kind: 'service', scopes: ['read:metrics'] })
  relay = await testRelay({
    ...folder.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: hub.apiUrl,
    JUPYTERPOST_DATABASE: `${folder.path}/hub.sqlite`,
  })
})

afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  await hub[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, relay.url), { headers })

/** What a caller could claim about where it is. */
const FORGED: Record<string, string>[] = [
  {},
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-forwarded-for': '::1, 127.0.0.1', 'x-forwarded-proto': 'https' },
  { 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1' },
  { 'x-forwarded-host': 'localhost', 'x-forwarded-user': 'root', 'remote-user': 'root' },
]

test.each(FORGED)(
  'from this machine, with %j, /ready is one word and /metrics is refused',
  async (headers) => {
    const ready = await get('ready', headers)
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
    for (const path of ['metrics', 'api/v1/posts', 'api/v1/limits'])
      expect((await get(path, headers)).status).toBe(403)
  },
)

test('/ready says in one word that something is wrong, with a status for probes', async () => {
  hub.fail(500)
  relay.clock.ms += 6000
  const ready = await get('ready')
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'not ready' }])
  hub.fail(undefined)
  relay.clock.ms += 6000
  expect((await get('ready')).status).toBe(200)
})

test.each([
  ['an admin of the Hub', 't-root', 200],
  ['somebody else', 't-ada', 403],
  ['a service, whatever its scopes', 't-robot', 403],
  ['the token of an admin for something else', 't-elsewhere', 403],
  ['a token for metrics', 't-numbers', 403],
  ['an unknown token', 't-nobody', 403],
])('the details of /ready: %s', async (_, token, status) => {
  const ready = await get('ready', authorized(token))
  expect(ready.status).toBe(status)
  const text = await ready.text()
  expect(text.includes('"parts"')).toBe(status === 200)
  expect(text.includes('The database works')).toBe(status === 200)
})

test('who is refused the details is told what is needed', async () => {
  const problem = z
    .object({ code: z.string(), detail: z.string() })
    .parse(await (await get('ready', authorized('t-ada'))).json())
  expect(problem).toEqual({
    code: 'not_granted',
    detail: 'ada is no admin of the Hub or of the relay',
  })
})

test.each([
  ['a token with read:metrics', 't-numbers', 200],
  ['an admin of the Hub without that scope', 't-root', 403],
  ['a token that may post', 't-ada', 403],
  ['an unknown token', 't-nobody', 403],
])('/metrics: %s', async (_, token, status) => {
  expect((await get('metrics', authorized(token))).status).toBe(status)
})

test('a token with read:metrics may do nothing else', async () => {
  expect((await get('api/v1/posts', authorized('t-numbers'))).status).toBe(403)
  const at = { url: relay.url, token: 't-numbers' }
  expect((await send(at, message('x', '@me'))).status).toBe(403)
})

test('metrics are OpenMetrics text, and name no person, channel, target or token', async () => {
  const at = { url: relay.url, token: 't-ada' }
  expect((await send(at, message('secret words', '@me', 'inbox:secret-group'))).status).toBe(202)
  expect((await send(at, message('x', 'inbox:secret-nowhere'))).status).toBe(403)
  const answer = await get('metrics', authorized('t-numbers'))
  expect(answer.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1/)
  const text = await answer.text()
  expect(text.endsWith('\n# EOF\n')).toBe(true)
  expect(text.match(/# EOF/g)).toHaveLength(1)
  for (const line of [
    /^jupyterpost_accepted_total 2$/m,
    /^jupyterpost_refusals_total\{rule="not_allowed"\} 1$/m,
    /^jupyterpost_hub_checks_total\{outcome="refused"\} \d+$/m,
    /^jupyterpost_waiting \d+$/m,
    /^jupyterpost_oldest_waiting_seconds [\d.]+$/m,
    /^jupyterpost_drawings_open 0$/m,
    /^jupyterpost_event_streams 0$/m,
    /^nodejs_eventloop_lag_p99_seconds [\d.e-]+$/m,
    /^process_resident_memory_bytes \d+$/m,
  ])
    expect(text).toMatch(line)
  expect(text).not.toMatch(/secret|\bada\b|\broot\b|prometheus|t-ada/)
})

test("on a person's own machine details and numbers need the token of relay.json", async () => {
  await using own = spawnProgram('../../main', [], folder.env)
  const url = (await own.line(/^Relay: /))?.replace('Relay: ', '') ?? ''
  const { token } = RelayFile.parse(JSON.parse(readFileSync(relayFilePath(folder.env), 'utf8')))
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, url), { headers })
  expect(await (await ask('ready')).json()).toEqual({ status: 'ready' })
  expect(await (await ask('ready', authorized(token))).json()).toMatchObject({
    status: 'ready',
    parts: {},
  })
  for (const headers of [{}, authorized('wrong'), { authorization: `page ${'x'.repeat(40)}` }])
    expect((await ask('metrics', headers)).status).toBe(403)
  expect((await ask('metrics', authorized(token))).status).toBe(200)
})
