// Who may answer, and by what they prove who they are.
import { Agent, request } from 'node:http'
import { expect, test } from '@jest/globals'

import { Problem } from '../../../post/schema.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import type { TestHub } from '../helpers/hub.ts'
import { answerOf, asks, call, question, readPost, says } from '../helpers/questions.ts'
import { allDelivered, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

async function onHub(home: Folder, hub: TestHub): Promise<TestRelay> {
  for (const name of ['ada', 'bob', 'eve']) hub.users.set(`t-${name}`, { name, scopes: [GRANT] })
  const relay = await testRelay({
    ...home.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_PREFIX: '/services/jupyterpost/',
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: hub.apiUrl,
    JUPYTERHUB_OAUTH_ACCESS_SCOPES: JSON.stringify([GRANT]),
    JUPYTERPOST_DATABASE: `${home.path}/relay.sqlite`,
  })
  return relay
}

test('only the asked person answers, only who asked knows and takes back', async () => {
  await using hub = await startHub()
  using home = temporaryFolder()
  await using relay = await onHub(home, hub)
  const as = (name: string) => ({ url: relay.url, token: `t-${name}` })
  // They have used the relay, so they can be asked.
  for (const name of ['bob', 'eve']) await call(as(name), 'GET', '')
  const id = await asks(as('ada'), question({}, '@bob'))
  await allDelivered(as('ada'), [id])
  const waiting = answerOf(as('ada'), id, 30)
  // Who asked may read the post and say something to it, but nobody asked them.
  expect((await says(as('ada'), id, 'yes')).status).toBe(201)
  expect((await says(as('eve'), id, 'yes')).status).toBe(404)
  for (const name of ['bob', 'eve']) {
    const refusals = [
      await call(as(name), 'GET', `${id}/answer`),
      await call(as(name), 'DELETE', `${id}/answer`),
    ]
    for (const refused of refusals)
      expect(Problem.parse(await refused.json()).code).toBe('unknown_post')
  }
  expect((await says(as('bob'), id, 'no')).status).toBe(201)
  expect(await waiting).toMatchObject({ state: 'answered', answer: 'no', by: 'bob' })
  const { replies, question: shown } = await readPost(as('bob'), id)
  expect(replies?.map(({ from, text }) => [from, text])).toEqual([
    ['ada', 'yes'],
    ['bob', 'no'],
  ])
  expect(shown?.answer).toMatchObject({ by: 'bob' })
})

interface Sent {
  status: number
  code: string
}

/** As a browser or whatever else would: fetch does not let these headers be set. */
async function sendReply(relay: TestRelay, id: string, headers: Record<string, string>) {
  const url = new URL(`api/v1/posts/${id}/replies`, relay.url)
  return new Promise<Sent>((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: new Agent() }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      answer.on('end', () => {
        const status = answer.statusCode ?? 0
        resolve({ status, code: status < 400 ? '' : Problem.parse(JSON.parse(body)).code })
      })
    })
    sent.on('error', reject).end(JSON.stringify({ text: 'yes' }))
  })
}

async function cookieOf(relay: TestRelay): Promise<string> {
  const link = `${relay.url}?token=${relay.relay.gate?.makeLink()}`
  const opened = await fetch(link, { redirect: 'manual' })
  return opened.headers.get('set-cookie')?.split(';')[0] ?? ''
}

const JSON_TYPE = 'application/json'
const own = ({ url }: TestRelay) => ({
  origin: new URL(url).origin,
  'sec-fetch-site': 'same-origin',
  'content-type': JSON_TYPE,
})

test('the page answers with its cookie', async () => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const id = await asks(relay)
  await allDelivered(relay, [id])
  const headers = { ...own(relay), cookie: await cookieOf(relay) }
  expect(await sendReply(relay, id, headers)).toEqual({ status: 201, code: '' })
  expect(await answerOf(relay, id, 10)).toMatchObject({ answer: 'yes' })
})

test.each([
  ['of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['of another port', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
  ['whose origin lies', { origin: 'http://127.0.0.1:1' }],
  ['of a hidden origin', { origin: 'null' }],
  ['that says it is of another site', { 'sec-fetch-site': 'cross-site' }],
  ['as a form sends it', { 'content-type': 'text/plain' }],
  ['that is of JSON only by its look', { 'content-type': 'application/jsonish' }],
])('a request with the cookie %s is refused', async (_, change) => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const id = await asks(relay)
  await allDelivered(relay, [id])
  const headers = { ...own(relay), cookie: await cookieOf(relay), ...change }
  expect(await sendReply(relay, id, headers)).toEqual({ status: 403, code: 'no_token' })
  const { origin: _origin, ...without } = headers
  expect(await sendReply(relay, id, without)).toEqual({ status: 403, code: 'no_token' })
  expect(await answerOf(relay, id)).toMatchObject({ state: 'open' })
})

test('the cookie takes no question back', async () => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const id = await asks(relay)
  const cookie = await cookieOf(relay)
  const taken = await fetch(new URL(`api/v1/posts/${id}/answer`, relay.url), {
    method: 'DELETE',
    headers: { ...own(relay), cookie },
  })
  expect(taken.status).toBe(403)
})

test.each([
  ['no text', {}, 'bad_request'],
  ['an empty text', { text: ' ' }, 'bad_request'],
  ['a number', { text: 5 }, 'bad_request'],
  ['a long text', { text: 'x'.repeat(2001) }, 'bad_request'],
  ['a huge body', { text: 'x'.repeat(20_000) }, 'too_large'],
])('%s is no reply', async (_, body, code) => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const id = await asks(relay)
  await allDelivered(relay, [id])
  const refused = await call(relay, 'POST', `${id}/replies`, { body })
  expect(Problem.parse(await refused.json()).code).toBe(code)
})

test('a post takes 200 replies and no more', async () => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const id = await asks(relay, { targets: ['lab'], blocks: [{ type: 'message', text: 'x' }] })
  await allDelivered(relay, [id])
  const all = await Promise.all(Array.from({ length: 201 }, (_, n) => says(relay, id, `${n}`)))
  expect(all.filter(({ status }) => status === 201)).toHaveLength(200)
  expect(all.filter(({ status }) => status === 429)).toHaveLength(1)
  expect((await readPost(relay, id)).replies).toHaveLength(200)
})
