// Attacks on who somebody is: tokens that are no more, channels of others, names and marks of
// others.
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from '@jest/globals'

import { Problem } from '../../../post/contract/schema.ts'
import { GRANT } from '../helpers/hub.ts'
import { isRecord } from '../helpers/mattermost-state.ts'
import { authorized, message, send } from '../helpers/relay.ts'
import { openSite } from './helpers/site.ts'
import type { Site } from './helpers/site.ts'

/** Rows of everything that a post would leave behind. */
function traces({ folder }: Site): unknown {
  const db = new DatabaseSync(`${folder.path}/relay.sqlite`, { readOnly: true })
  try {
    return ['submission', 'post', 'blob', 'lane'].map(
      (table) => db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows,
    )
  } finally {
    db.close()
  }
}

const as = ({ relay }: Site, name: string) => ({ url: relay.url, token: `t-${name}` })

test('a token that the Hub revoked stops within a minute, for posting and for reading', async () => {
  await using site = await openSite('ada')
  await site.accepted('ada', message('before', 'lab'))
  site.hub.users.clear()
  site.relay.clock.ms += 61_000
  expect((await send(as(site, 'ada'), message('after', 'lab'))).status).toBe(403)
  const list = await fetch(new URL('api/v1/posts', site.relay.url), {
    headers: authorized('t-ada'),
  })
  expect(list.status).toBe(403)
  expect(await site.texts(1)).toHaveLength(1)
})

test('somebody who is no member of a channel leaves nothing in it or in the queue, and learns no more than of one that is not there', async () => {
  await using site = await openSite('ada', 'eve')
  site.chat.addChannel('board', ['ada', 'jupyterpost'], 'P')
  site.chat.addChannel('staff', ['ada'])
  const before = traces(site)
  const answers = await Promise.all(
    ['board', '~board', 'staff', 'nowhere'].map(async (target) => {
      const answer = await send(as(site, 'eve'), message('let me in', target))
      const problem = Problem.parse(await answer.json())
      const detail = problem.detail.replaceAll(target, 'NAME').replace('~NAME', 'NAME')
      return { status: answer.status, code: problem.code, detail, nearest: problem.nearest }
    }),
  )
  expect(new Set(answers.map(({ status, code }) => `${status} ${code}`))).toEqual(
    new Set(['404 unknown_target']),
  )
  expect(new Set(answers.map(({ nearest }) => JSON.stringify(nearest))).size).toBe(1)
  expect(traces(site)).toEqual(before)
  expect(site.chat.state.posts).toEqual([])
})

test('a stranger who takes the chat name of somebody gets none of their direct messages', async () => {
  await using site = await openSite('ada')
  await site.accepted('ada', message('mine', '@me'))
  await site.texts(1)
  const { id } = site.chat.state.user('ada')
  const renamed = site.chat.state.users.get(id)
  if (renamed) renamed.username = 'ada-lovelace'
  const stranger = site.chat.addUser('ada')
  site.relay.clock.ms += 2 * 60 * 60_000
  await site.accepted('ada', message('still mine', '@me'))
  await site.texts(2)
  const readers = site.chat.state.posts.map(
    ({ channel_id: channel }) => site.chat.state.channels.get(channel)?.members,
  )
  expect(readers.map((members) => members?.has(id))).toEqual([true, true])
  expect(readers.some((members) => members?.has(stranger.id))).toBe(false)
})

const fieldsOf = (json: unknown) => (isRecord(json) ? Object.keys(json) : [])

/** What a sender may try so that a message looks as if somebody else had sent it. */
const DISGUISES = {
  username: 'Prof. Smith',
  icon_url: 'https://example.org/smith.png',
  person: 'smith',
  from: 'smith',
  sender: { name: 'smith' },
  service: 'other',
  props: {
    from_webhook: 'true',
    override_username: 'Prof. Smith',
    override_icon_url: 'https://example.org/smith.png',
    override_icon_emoji: ':crown:',
    use_user_icon: 'true',
    from_bot: 'false',
    attachments: [{ pretext: 'signed, Smith', actions: [{ integration: { url: 'http://x' } }] }],
    webhook_display_name: 'Prof. Smith',
    disable_group_highlight: true,
  },
  type: 'system_join_channel',
  user_id: 'x'.repeat(26),
  channel_id: 'x'.repeat(26),
  root_id: 'x'.repeat(26),
  create_at: 1,
  pending_post_id: 'mine',
}

test.each([
  ['a manifest', (text: string) => ({ ...DISGUISES, ...message(text, 'lab') })],
  [
    'a block',
    (text: string) => ({
      targets: ['lab'],
      blocks: [{ ...DISGUISES, type: 'message', text }],
    }),
  ],
  [
    'its source',
    (text: string) => ({
      ...message(text, 'lab'),
      source: { ...DISGUISES, notebook: '**smith** · via jupyterpost' },
    }),
  ],
])('no field of %s makes a message look like that of somebody else', async (_, manifest) => {
  await using site = await openSite('eve', 'smith')
  await site.accepted('eve', message('plain', 'lab'))
  await site.texts(1)
  await site.accepted('eve', manifest('disguised'))
  const [, text] = await site.texts(2)
  const [plain, disguised] = site.chat.sent('POST', /^\/posts$/).map(({ json }) => json)
  expect(text).toMatch(/^\*\*eve\*\* · /)
  expect(fieldsOf(plain)).toContain('message')
  expect(fieldsOf(disguised)).toEqual(fieldsOf(plain))
  const [first, second] = site.chat.state.posts
  expect(Object.keys(second?.props ?? {})).toEqual(Object.keys(first?.props ?? {}))
  expect(second).toMatchObject({ type: '', user_id: site.chat.bot.id })
})

test('a person of the Hub cannot post as a service, nor a service as a person', async () => {
  await using site = await openSite('ada')
  site.hub.users.set('t-service', { name: 'ada', kind: 'service', scopes: [GRANT] })
  const answer = await send(as(site, 'service'), message('as ada', '@me'))
  expect(answer.status).not.toBe(202)
  expect(site.chat.state.posts).toEqual([])
})
