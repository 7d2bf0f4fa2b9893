// Links to posts that the page does not show by itself: an old one is fetched, and one that was
// deleted is told as such, by the page and by the API.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Accepted } from '../../../post/contract/schema.ts'
import { until } from '../../../test/helpers/until.ts'
import {
  allDelivered,
  authorized,
  message,
  send,
  temporaryFolder,
  testRelay,
} from '../helpers/relay.ts'
import type { TestRelay } from '../helpers/relay.ts'
import { openVisits } from '../helpers/visits.ts'
import type { Visits } from '../helpers/visits.ts'

let visits: Visits

beforeAll(async () => {
  visits = await openVisits()
}, 60_000)

afterAll(async () => {
  await visits[Symbol.asyncDispose]()
})

async function post(at: TestRelay, text: string): Promise<string> {
  at.clock.ms += 1000
  const answer = await send(at, message(text, '@me'))
  const { posts } = Accepted.parse(await answer.json())
  const id = posts[0]?.id ?? ''
  await allDelivered(at, [id])
  return id
}

function read(at: TestRelay, path: string): Promise<Response> {
  return fetch(new URL(`api/v1/posts/${path}`, at.url), { headers: authorized(at.token) })
}

test('a post that made room for newer ones is told as such, by the API and by the page', async () => {
  using home = temporaryFolder()
  const file = join(home.path, 'relay.json')
  writeFileSync(file, JSON.stringify({ inbox: { bytes: 3000 } }))
  const env = { ...home.env, JUPYTERPOST_CONFIG: file }
  await using at = await testRelay(env, { page: visits.root })
  const first = await post(at, 'the first')
  for (let n = 0; n < 6; n += 1) await post(at, `number ${n}`)
  const gone = await until(async () => {
    const answer = await read(at, first)
    return answer.status !== 200 && answer
  }, 'the first is deleted')
  const words = /The relay deleted this post on \d{4}-\d\d-\d\d, to make room for newer posts/
  expect(gone.status).toBe(410)
  expect(await gone.json()).toMatchObject({ detail: expect.stringMatching(words) })
  expect((await read(at, `${first}/files/0`)).status).toBe(410)
  const headers = { ...authorized(at.token), 'content-type': 'application/json' }
  const path = new URL(`api/v1/posts/${first}/replies`, at.url)
  const reply = await fetch(path, { method: 'POST', headers, body: '{"text":"yes"}' })
  expect(reply.status).toBe(410)
  const removal = new URL(`api/v1/posts/${first}`, at.url)
  expect((await fetch(removal, { method: 'DELETE', headers })).status).toBe(410)
  expect((await read(at, '0d2ad9a5-0000-4000-8000-000000000000')).status).toBe(404)

  const context = await visits.browser.newContext()
  const page = await context.newPage()
  await page.goto(`${at.url}${at.relay.gate?.page.link(first)}`)
  await page.getByText('The post of this link is not here').waitFor()
  expect(await page.locator('#missing').innerText()).toMatch(words)
  await page.getByText('number 5').waitFor()
  await context.close()
}, 60_000)

test('a link to a post that is not among the newest fetches it', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const first = await post(at, 'the first of many')
  for (let n = 0; n < 210; n += 1) {
    at.clock.ms += 1000
    expect((await send(at, message(`number ${n}`, '@me'))).status).toBe(202)
  }
  await page.reload()
  await page.getByText('number 209').waitFor()
  expect(await page.getByText('the first of many').count()).toBe(0)
  await page.evaluate(`location.hash = '#${first}'`)
  await page.getByText('the first of many').waitFor()
  expect(await page.evaluate('document.activeElement.id')).toBe(first)
}, 60_000)
