// A name at the Hub that another person gets: nothing of the first is theirs, whether the Hub tells
// when it created a user or not.
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

import { Feed } from '../../post/contract/schema.ts'
import { authorized, change, message, send } from './helpers/relay.ts'
import { governed, posted } from './helpers/governed.ts'
import type { Governed } from './helpers/governed.ts'
import { GRANT } from './helpers/hub.ts'

const DAY_MS = 86_400_000
const POLICY = {
  admins: ['ada'],
  no_mask: ['ada'],
  rules: [
    { who: ['ada'], allow: ['@me', '~lab', '@*', '~secret'] },
    { who: ['group/lab'], allow: ['@me', '~lab', '@*'] },
  ],
}
const SECRET = `ghp_${'a1B2'.repeat(9)}`

let relay: Governed

beforeEach(async () => {
  relay = await governed(POLICY, { JUPYTERHUB_API_TOKEN: 'of-the-relay' })
})

afterEach(async () => {
  await relay[Symbol.asyncDispose]()
})

const at = (who: string) => ({ url: relay.url, token: `t-${who}` })

/** @param scopes - Of the relay's own token. */
function hubTells(...scopes: string[]): void {
  relay.hub.users.set('of-the-relay', { name: 'jupyterpost', kind: 'service', scopes })
}

/** The Hub says that who is called ada was created then; the token stays. */
function recycled(created: string): void {
  relay.hub.users.set('t-ada', { name: 'ada', groups: ['lab'], scopes: [GRANT], created })
  // The relay asks again.
  relay.clock.ms += 61_000
}

async function feed(who: string): Promise<string> {
  const answer = await relay.get(who, 'api/v1/posts?limit=200')
  return JSON.stringify(
    Feed.parse(await answer.json()).posts.map(({ blocks, from }) => [blocks, from]),
  )
}

/** What ada has before somebody else gets the name. */
async function earlier(): Promise<{ id: string; key: string }> {
  const own = await posted(
    await send(at('ada'), message('my own words', 'inbox:@me'), { key: 'mine' }),
  )
  const chat = await relay.post('ada', 'to my account', '@me')
  const shared = await relay.post('bob', 'for ada alone', 'inbox:@ada')
  await relay.end('ada', own.id ?? '')
  await relay.end('ada', chat.id ?? '')
  await relay.end('bob', shared.id ?? '')
  expect(await feed('ada')).toContain('for ada alone')
  return { id: own.id ?? '', key: 'mine' }
}

async function inheritsNothing({ id, key }: { id: string; key: string }): Promise<void> {
  expect(await feed('ada')).toBe('[]')
  expect((await relay.get('ada', `api/v1/posts/${id}`)).status).toBe(404)
  expect((await change(at('ada'), id, { blocks: message('x').blocks })).status).toBe(404)
  const headers = authorized('t-ada')
  const gone = await fetch(new URL(`api/v1/posts/${id}`, relay.url), { method: 'DELETE', headers })
  expect(gone.status).toBe(404)
  // Not the first one's account, though the admin's word is that names are the same.
  expect(await relay.post('ada', 'as the first', '@me')).toMatchObject({
    code: 'identity_not_linked',
    detail: expect.stringContaining('%post --link'),
  })
  // Not the answer that the first one got to this key, and none of the rights of that name.
  const same = await posted(await send(at('ada'), message('my own words', 'inbox:@me'), { key }))
  expect(same.id).not.toBe(id)
  const open = await posted(await send(at('ada'), { ...message(SECRET, 'inbox:@me'), mask: 'off' }))
  expect(JSON.stringify(await relay.end('ada', open.id ?? ''))).not.toContain(SECRET)
  expect(await relay.post('ada', 'x', 'inbox:~secret')).toMatchObject({ code: 'not_allowed' })
  expect(await feed('ada')).toContain('"ada/2"')
}

test('with read:users a name that the Hub gave to another person inherits nothing, at once', async () => {
  hubTells('read:users')
  recycled('2026-01-01T00:00:00.000000Z')
  const first = await earlier()
  recycled('2026-12-01T10:00:00.000000Z')
  await inheritsNothing(first)
  await relay.restart()
  expect((await relay.get('ada', `api/v1/posts/${first.id}`)).status).toBe(404)
  // What is written to the name now is for who has it now.
  const sent = await relay.post('bob', 'for the second', 'inbox:@ada')
  await relay.end('bob', sent.id ?? '')
  expect(await feed('ada')).toContain('for the second')
})

test('with read:users the same person stays the same, after a new token, a restart and months', async () => {
  hubTells('read:users')
  recycled('2026-01-01T00:00:00.000000Z')
  await earlier()
  relay.clock.ms += 200 * DAY_MS
  await relay.restart()
  recycled('2026-01-01T00:00:00.000000Z')
  expect(await feed('ada')).toContain('for ada alone')
  expect((await relay.post('ada', 'as before', '@me')).id).toBeDefined()
})

test('a creation that is after the first request of the name is that of another person', async () => {
  const first = await earlier()
  // From now on the relay may ask the Hub.
  hubTells('read:users')
  recycled(new Date(relay.clock.ms + DAY_MS).toISOString())
  await inheritsNothing(first)
})

test('posts from before a user was created are those of another, also of the time before names were pinned', async () => {
  hubTells('read:users')
  recycled('2026-01-01T00:00:00.000000Z')
  const first = await earlier()
  await relay.restart((database) => {
    const file = new DatabaseSync(database)
    file.exec('DELETE FROM hub_holder')
    file.close()
  })
  recycled(new Date(relay.clock.ms + 1000).toISOString())
  await inheritsNothing(first)
})

test('a token of the first person that the relay still knows is not one of the second', async () => {
  hubTells('read:users')
  recycled('2026-01-01T00:00:00.000000Z')
  await earlier()
  const user = { name: 'ada', groups: [], scopes: [GRANT], created: '2026-12-01T10:00:00.000000Z' }
  relay.hub.users.set('t-second', user)
  expect(await feed('second')).toBe('[]')
  relay.hub.users.delete('t-ada')
  // Within the minute in which the Hub is not asked again.
  expect((await relay.get('ada', 'api/v1/posts')).status).toBe(403)
  expect((await relay.get('second', 'api/v1/posts')).status).toBe(200)
})

test('with read:users a group counts no more at delivery once the Hub took it, without any request', async () => {
  hubTells('read:users')
  recycled('2026-01-01T00:00:00.000000Z')
  relay.hub.users.set('t-bob', {
    name: 'bob',
    groups: ['lab'],
    scopes: [GRANT],
    created: '2026-01-01T00:00:00Z',
  })
  await relay.rule({
    rules: [
      { who: ['*'], allow: ['@me'] },
      { who: ['group/lab'], allow: ['~lab'] },
    ],
  })
  relay.chat.fail('POST', /\/posts$/, { kind: 'answer', status: 503, body: '' })
  const sent = await relay.post('bob', 'of a member', 'lab')
  await relay.chat.arrived('POST', /\/posts$/)
  relay.hub.users.set('t-bob', {
    name: 'bob',
    groups: [],
    scopes: [GRANT],
    created: '2026-01-01T00:00:00Z',
  })
  relay.clock.ms += 120_000
  await relay.restart()
  const { status, error } = await relay.end('bob', sent.id ?? '')
  expect([status, error]).toEqual(['dead', expect.stringContaining('lets you post to @me only')])
})

test('while the Hub does not tell who it is, nobody is let in as that person', async () => {
  hubTells('read:users')
  recycled('2026-01-01T00:00:00.000000Z')
  await earlier()
  relay.hub.users.delete('of-the-relay')
  recycled('2026-12-01T10:00:00.000000Z')
  relay.hub.fail(500)
  expect((await relay.get('ada', 'api/v1/limits')).status).toBe(503)
})

test('without read:users, who comes within 30 days keeps everything, and later nothing is given without proof', async () => {
  hubTells()
  const first = await earlier()
  for (const days of [29, 29]) {
    relay.clock.ms += days * DAY_MS
    expect((await relay.get('ada', `api/v1/posts/${first.id}`)).status).toBe(200)
  }
  relay.clock.ms += 31 * DAY_MS
  await inheritsNothing(first)
})

test('without read:users, who proves to have the same account gets everything back', async () => {
  hubTells()
  const first = await earlier()
  relay.clock.ms += 31 * DAY_MS
  expect((await relay.get('ada', `api/v1/posts/${first.id}`)).status).toBe(404)
  const ask = async (path: string, body: object) => {
    const headers = { ...authorized('t-ada'), 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    return (await fetch(new URL(`api/v1/identity${path}`, relay.url), init)).text()
  }
  const codeTo = async (name: string) => {
    const before = relay.chat.state.posts.length
    await ask('', { service: 'mattermost', name })
    await relay.chat.arrived('POST', /\/posts$/, before + 1)
    return /\d{4}-\d{4}/.exec(relay.chat.state.posts.at(-1)?.message ?? '')?.[0] ?? 'no code'
  }
  // Another account of theirs proves nothing about the first person.
  const other = await codeTo('eve')
  expect(await ask('/code', { code: other })).toContain('@eve (Mattermost) is now your account')
  expect((await relay.get('ada', `api/v1/posts/${first.id}`)).status).toBe(404)
  const code = await codeTo('ada')
  expect(await ask('/code', { code })).toContain('You are ada again')
  expect((await relay.get('ada', `api/v1/posts/${first.id}`)).status).toBe(200)
  expect(await feed('ada')).toContain('for ada alone')
  expect((await relay.post('ada', 'as before', '@me')).id).toBeDefined()
})

test('who the Hub says is another person cannot become the first by a code', async () => {
  hubTells('read:users')
  recycled('2026-01-01T00:00:00.000000Z')
  const first = await earlier()
  recycled('2026-12-01T10:00:00.000000Z')
  const headers = { ...authorized('t-ada'), 'content-type': 'application/json' }
  const ask = async (path: string, body: object) =>
    (
      await fetch(new URL(`api/v1/identity${path}`, relay.url), {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
    ).text()
  const before = relay.chat.state.posts.length
  await ask('', { service: 'mattermost', name: 'ada' })
  await relay.chat.arrived('POST', /\/posts$/, before + 1)
  const code = /\d{4}-\d{4}/.exec(relay.chat.state.posts.at(-1)?.message ?? '')?.[0] ?? ''
  // They have that account now, but nothing else of the first person.
  expect(await ask('/code', { code })).toContain('@ada (Mattermost) is now your account')
  expect((await relay.get('ada', `api/v1/posts/${first.id}`)).status).toBe(404)
  expect(await feed('ada')).toBe('[]')
})
