// Who may answer, and how they prove who they are.
import { expect, test } from '@jest/globals'

import { Problem } from '../../../post/contract/schema.ts'
import { BrowserKey } from '../helpers/browser-key.ts'
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

test('only the person who was asked can answer, and only the asker can see the answer and take the question back', async () => {
  await using hub = await startHub()
  using home = temporaryFolder()
  await using relay = await onHub(home, hub)
  const as = (name: string) => ({ url: relay.url, token: `t-${name}` })
  // They have used the relay, so they can be asked.
  for (const name of ['bob', 'eve']) await call(as(name), 'GET', '')
  const id = await asks(as('ada'), question({}, '@bob'))
  await allDelivered(as('ada'), [id])
  const waiting = answerOf(as('ada'), id, 30)
  // The asker may read the post and reply to it, but nobody asked them.
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

test('the page answers by its session', async () => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const id = await asks(relay)
  await allDelivered(relay, [id])
  const key = await BrowserKey.make()
  await key.register(relay.url, relay.relay.gate?.page.link() ?? '')
  const headers = await key.signIn(relay.url)
  const said = await call(relay, 'POST', `${id}/replies`, { body: { text: 'yes' }, headers })
  expect(said.status).toBe(201)
  expect(await answerOf(relay, id, 10)).toMatchObject({ answer: 'yes' })
})

test('without a session of the page nobody can answer, whatever else a browser sends', async () => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const id = await asks(relay)
  await allDelivered(relay, [id])
  for (const authorization of ['', 'page x', `page ${relay.token}`]) {
    const headers = { authorization, cookie: `jupyterpost=${relay.token}` }
    const said = await call(relay, 'POST', `${id}/replies`, { body: { text: 'yes' }, headers })
    expect(said.status).toBe(403)
  }
  expect(await answerOf(relay, id)).toMatchObject({ state: 'open' })
})

test('the page takes no question back', async () => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const id = await asks(relay)
  const key = await BrowserKey.make()
  await key.register(relay.url, relay.relay.gate?.page.link() ?? '')
  const headers = await key.signIn(relay.url)
  expect((await call(relay, 'DELETE', `${id}/answer`, { headers })).status).toBe(403)
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
