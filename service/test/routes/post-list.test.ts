// Posts page by page and by filters, while others come and go; an index leads to each page.
import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { Feed, Problem } from '../../../post/contract/schema.ts'
import type { ReadPost } from '../../../post/contract/schema.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import type { TestHub } from '../helpers/hub.ts'
import {
  allDelivered,
  authorized,
  message,
  send,
  temporaryFolder,
  testRelay,
} from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

let hub: TestHub
let folder: Folder
let relay: TestRelay

beforeAll(async () => {
  hub = await startHub()
  hub.users.set('t-ada', { name: 'ada', groups: ['lab', 'town'], scopes: [GRANT] })
  hub.users.set('t-bob', { name: 'bob', groups: ['lab'], scopes: [GRANT] })
  folder = temporaryFolder()
  relay = await testRelay({
    ...folder.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: hub.apiUrl,
    JUPYTERPOST_DATABASE: `${folder.path}/relay.sqlite`,
  })
})

afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  await hub[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

async function get(token: string, query: string): Promise<Feed> {
  const answer = await fetch(`${relay.url}api/v1/posts?${query}`, { headers: authorized(token) })
  expect(answer.status).toBe(200)
  return Feed.parse(await answer.json())
}

/** Sends posts one after the other, each a ms later. */
async function post(token: string, targets: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const target of targets) {
    const sent = await send({ url: relay.url, token }, message(target, target))
    expect(sent.status).toBe(202)
    ids.push(/"id":"([\w-]+)"/.exec(await sent.text())?.[1] ?? '')
    relay.clock.ms += 1
  }
  await allDelivered({ url: relay.url, token }, ids)
  return ids
}

/** All pages, from the newest post to the oldest. */
async function pages(token: string, query: string, between = async () => {}): Promise<string[]> {
  const ids: string[] = []
  let before: string | undefined
  do {
    const place: string = before === undefined ? '' : `&before=${before}`
    const page = await get(token, `${query}${place}`)
    ids.push(...page.posts.map(({ id }: ReadPost) => id).toReversed())
    before = page.before
    await between()
  } while (before !== undefined)
  return ids
}

test('pages go from the newest post to the oldest, each post once, while others come and go', async () => {
  const mine = await post(
    't-ada',
    Array.from({ length: 12 }, (_, n) => (n % 2 ? '@me' : '~lab')),
  )
  const theirs = await post('t-bob', ['~lab', '@ada', '~lab'])
  const expected = [...mine, ...theirs].toReversed()
  const gone = mine.slice(0, 2)
  let turn = 0
  const read = await pages('t-ada', 'limit=4', async () => {
    turn += 1
    if (turn > 2) return
    await post('t-bob', ['~lab'])
    const url = `${relay.url}api/v1/posts/${gone[turn - 1] ?? ''}`
    await fetch(url, { method: 'DELETE', headers: authorized('t-ada') })
  })
  expect(read).toEqual(expected.filter((id) => !gone.includes(id)))
  const first = await get('t-ada', 'limit=200')
  expect(first.before).toBeUndefined()
})

test('filters list posts to a target, in a state and of a person', async () => {
  const [toMe = '', toTown = '', toInbox = ''] = await post('t-ada', ['me', 'town', 'inbox:~town'])
  expect(await pages('t-ada', 'target=~town&limit=1')).toEqual([toInbox, toTown])
  expect(await pages('t-ada', 'target=inbox:%23town')).toEqual([toInbox, toTown])
  expect(await pages('t-ada', 'target=@ada&from=ada&limit=1')).toContain(toMe)
  const { posts } = await get('t-ada', 'from=bob&limit=200')
  expect(new Set(posts.map(({ from }) => from))).toEqual(new Set(['bob']))
  expect(posts.some(({ destination }) => destination === '~lab')).toBe(true)
  expect(await pages('t-bob', 'from=ada&target=~town')).toEqual([])
  expect(await pages('t-ada', 'state=dead')).toEqual([])
  const delivered = await pages('t-ada', 'state=delivered&target=~town&from=ada&limit=1')
  expect(delivered).toEqual([toInbox, toTown])
})

test.each([
  ['before=none', /before/],
  ['since=0&before=MSB4', /since or before/],
  ['since=0&from=ada', /since or from/],
  ['target=a,b', /one target/],
  ['target=../x', /No target/],
  ['state=lost', /state/],
])('%s is refused in words', async (query, words) => {
  const answer = await fetch(`${relay.url}api/v1/posts?${query}`, { headers: authorized('t-ada') })
  expect(answer.status).toBe(400)
  expect(Problem.parse(await answer.json()).detail).toMatch(words)
})
