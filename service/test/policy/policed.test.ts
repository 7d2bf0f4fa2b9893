// The policy against somebody who wants to get around it: each way to a place that is denied, over
// HTTP, with a real queue and a stand-in Mattermost.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'

import { authorized, change, message, send } from '../helpers/relay.ts'
import { governed, posted } from '../helpers/governed.ts'
import type { Governed } from '../helpers/governed.ts'
import { until } from '../../../test/helpers/until.ts'

/** `town-square` is denied to everybody, written as nobody would type it. */
const NO_TOWN = { rules: [{ who: ['*'], deny: ['~Town-SQUARE'] }] }

let relay: Governed

beforeAll(async () => {
  relay = await governed(NO_TOWN)
})

afterAll(async () => {
  await relay[Symbol.asyncDispose]()
})

beforeEach(() => relay.rule(NO_TOWN))

const inTown = () =>
  relay.chat.messages(relay.channels['town-square'].id).map((post) => post.message)
const at = (who: string) => ({ url: relay.url, token: `t-${who}` })

test.each([
  'town-square',
  '~town-square',
  '#town-square',
  '~TOWN-square',
  'Town Square',
  '"town  square"',
  'mattermost:~town-square',
  'CHAT/qt/channels/town-square',
  'lab, town-square',
])('a denied channel is denied as %j', async (typed) => {
  const target = typed.replace('CHAT', relay.chat.url)
  const answer = await relay.post('ada', 'sneaked in', target)
  expect(answer).toMatchObject({ status: 403, code: 'not_allowed' })
  expect(answer).toMatchObject({
    detail: expect.stringContaining('the policy of this relay denies it to you (rules.0.deny)'),
  })
  expect(inTown()).toEqual([])
})

test('a channel is denied by its id, whatever it is called later', async () => {
  await relay.rule({ rules: [{ who: ['*'], deny: [`id:${relay.channels.lab.id}`] }] })
  expect(await relay.post('ada', 'x', 'lab')).toMatchObject({ code: 'not_allowed' })
  // The id is no name: nobody reaches the channel by it.
  await relay.rule(NO_TOWN)
  const { id } = relay.channels['town-square']
  expect(await relay.post('ada', 'x', `~${id}`)).toMatchObject({ code: 'unknown_target' })
  expect(await relay.post('ada', 'x', `@${id}`)).toMatchObject({ code: 'unknown_target' })
})

test("the bot's conversations with people are no channels, though Mattermost finds them by name", async () => {
  const direct = relay.chat.state.direct(
    [relay.chat.bot.id, relay.chat.state.user('ada').id],
    relay.chat.bot,
  )
  const { members: _, ...found } = direct
  const body = JSON.stringify(found)
  relay.chat.fail(
    'GET',
    new RegExp(`/channels/name/${direct.name}$`),
    { kind: 'answer', status: 200, body },
    9,
  )
  expect(await relay.post('ada', 'x', `~${direct.name}`)).toMatchObject({ code: 'unknown_target' })
})

test('one denied target of a list denies the whole list', async () => {
  const before = relay.chat.messages(relay.channels.lab.id).length
  expect(await relay.post('ada', 'x', 'lab', 'town-square')).toMatchObject({ code: 'not_allowed' })
  const fine = await relay.post('ada', 'fine', 'lab')
  await relay.end('ada', fine.id ?? '')
  expect(relay.chat.messages(relay.channels.lab.id)).toHaveLength(before + 1)
})

test('a reply in a thread is a post like any other', async () => {
  await relay.rule({})
  const thread = { thread: 'of-ada' }
  const first = await posted(
    await send(at('ada'), { ...message('first', 'town-square'), ...thread }),
  )
  await relay.end('ada', first.id ?? '')
  const sent = inTown().length
  await relay.rule(NO_TOWN)
  const reply = await posted(
    await send(at('ada'), { ...message('reply', 'town-square'), ...thread }),
  )
  expect(reply).toMatchObject({ status: 403, code: 'not_allowed' })
  expect(inTown()).toHaveLength(sent)
})

test('a change of a post is not made where its sender may not post any more, but it may be taken back', async () => {
  await relay.rule({})
  const first = await relay.post('ada', 'before the rule', 'town-square')
  const id = first.id ?? ''
  await relay.end('ada', id)
  await relay.rule(NO_TOWN)
  await change(at('ada'), id, { blocks: message('after the rule').blocks })
  const refused = () => relay.end('ada', id).then(({ error }) => error ?? '')
  let words = ''
  await until(async () => (words = await refused()) !== '', 'the change is refused')
  expect(words).toContain('Its last change was refused: You may not post to ~town-square')
  expect(words).toContain('rules.0.deny')
  expect(inTown().join()).toContain('before the rule')
  expect(inTown().join()).not.toContain('after the rule')
  const headers = authorized('t-ada')
  await fetch(new URL(`api/v1/posts/${id}`, relay.url), { method: 'DELETE', headers })
  await until(async () => !inTown().join().includes('before the rule'), 'the post is gone')
})

test('a post that waits is refused if its right is gone by the time it is sent', async () => {
  await relay.rule({})
  const away = { kind: 'answer', status: 503, body: '' } as const
  relay.chat.fail('POST', /\/posts$/, away)
  const sent = await relay.post('ada', 'queued', 'town-square')
  await relay.chat.arrived('POST', /\/posts$/)
  await relay.rule(NO_TOWN)
  relay.clock.ms += 60_000
  await relay.restart()
  const { status, error } = await relay.end('ada', sent.id ?? '')
  expect([status, error]).toEqual(['dead', expect.stringContaining('rules.0.deny')])
  expect(inTown().join()).not.toContain('queued')
})

test('a post that waits is refused if its sender left the group that gave the right', async () => {
  const labOnly = {
    rules: [
      { who: ['*'], allow: ['@me'] },
      { who: ['group/lab'], allow: ['~lab'] },
    ],
  }
  await relay.rule(labOnly)
  relay.chat.fail('POST', /\/posts$/, { kind: 'answer', status: 503, body: '' })
  const before = relay.chat.sent('POST', /\/posts$/).length
  const sent = await relay.post('bob', 'of a member', 'lab')
  await relay.chat.arrived('POST', /\/posts$/, before + 1)
  const user = relay.hub.users.get('t-bob')
  if (user) user.groups = []
  // The Hub tells it with the next check of a token.
  relay.clock.ms += 120_000
  expect((await relay.get('bob', 'api/v1/limits')).status).toBe(200)
  await relay.rule(labOnly)
  const { status, error } = await relay.end('bob', sent.id ?? '')
  expect([status, error]).toEqual(['dead', expect.stringContaining('lets you post to @me only')])
})

test('a post that waits for the inbox of a group is refused if its sender left that group', async () => {
  await using other = await governed('{')
  const sent = await other.post('bob', 'of a member', 'inbox:~lab')
  const user = other.hub.users.get('t-bob')
  if (user) user.groups = []
  other.clock.ms += 120_000
  expect((await other.get('bob', 'api/v1/limits')).status).toBe(200)
  await other.rule({})
  const { status, error } = await other.end('bob', sent.id ?? '')
  expect([status, error]).toEqual(['dead', expect.stringContaining('no longer post to ~lab')])
})

test('the original way in gets the refusal as plain text with 400', async () => {
  const body = new URLSearchParams({ message: 'x', channel: 'town-square' })
  const answer = await fetch(relay.url, { method: 'POST', body, headers: authorized('t-ada') })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    400,
    expect.stringContaining('text/plain'),
  ])
  expect(await answer.text()).toContain('the policy of this relay denies it to you')
  expect(inTown().join()).not.toContain('x')
})

test('nobody posts as another: a name in the post is none of the sender', async () => {
  await relay.rule({ rules: [{ who: ['eve'], deny: ['*'] }] })
  const forged = { ...message('x', 'lab'), person: 'ada', from: 'ada', source: { person: 'ada' } }
  const answer = await posted(await send(at('eve'), forged))
  expect(answer.id).toBeUndefined()
  const plain = await relay.post('eve', 'x', 'lab')
  expect(plain).toMatchObject({ code: 'not_allowed' })
  expect((await relay.post('ada', 'of ada', 'lab')).id).toBeDefined()
})

test('completion offers no place that the policy denies', async () => {
  await relay.rule({ rules: [{ who: ['*'], deny: ['~town-square', '@bob'] }] })
  const text = await (await relay.get('ada', 'api/v1/targets?q=')).text()
  expect(text).toContain('"lab"')
  expect(text).not.toContain('town-square')
  const people = await (await relay.get('ada', 'api/v1/targets?q=bo')).text()
  expect(people).not.toContain('@bob')
})

test('where mentions are taken away, a message pings nobody, before and after a change', async () => {
  await relay.rule({ rules: [{ who: ['eve'], mentions: false }] })
  const [muted, open] = [
    await relay.post('eve', 'hey @bob', 'lab'),
    await relay.post('ada', 'hey @bob', 'lab'),
  ]
  await relay.end('eve', muted.id ?? '')
  await relay.end('ada', open.id ?? '')
  const said = () =>
    relay.chat
      .messages(relay.channels.lab.id)
      .map((post) => post.message)
      .join('\n')
  expect(said()).toContain('hey @\u200bbob')
  expect(said()).toContain('hey @bob')
  await change(at('eve'), muted.id ?? '', { blocks: message('now @ada').blocks })
  await until(async () => said().includes('now'), 'the change is made')
  expect(said()).toContain('now @\u200bada')
})

test('direct messages a day are those that the policy says, also for a name without @', async () => {
  await relay.rule({
    rules: [
      { who: ['group/lab'], direct_per_day: 1 },
      { who: ['eve'], direct_per_day: 0 },
    ],
  })
  expect((await relay.post('ada', 'x', '@bob')).id).toBeDefined()
  expect(await relay.post('ada', 'x', 'bob')).toMatchObject({
    code: 'too_many',
    detail: expect.stringContaining('At most 1 direct messages a day'),
  })
  expect(await relay.post('eve', 'x', '@bob')).toMatchObject({ status: 403, code: 'not_allowed' })
  expect((await relay.post('eve', 'x', '@me')).id).toBeDefined()
  // Refused ones do not count: with a higher limit there is room at once.
  await relay.rule({ rules: [{ who: ['group/lab'], direct_per_day: 2 }] })
  expect((await relay.post('ada', 'x', '@bob')).id).toBeDefined()
})

test('secrets stay masked unless no_mask names the sender', async () => {
  await relay.rule({ no_mask: ['group/lab'] })
  const secret = `ghp_${'a1B2'.repeat(9)}`
  const wish = { ...message(secret, '@me'), mask: 'off' }
  const shown = async (who: string) => {
    const sent = await posted(await send(at(who), wish))
    return JSON.stringify((await relay.end(who, sent.id ?? '')).blocks)
  }
  expect(await shown('ada')).toContain(secret)
  expect(await shown('eve')).not.toContain(secret)
})

test('a service of the Hub is refused until it is named, and at once when it is no more', async () => {
  const of = () => relay.get('grader', 'api/v1/limits').then(({ status }) => status)
  expect(await of()).toBe(403)
  expect(await relay.post('grader', 'x', 'inbox:@me')).toMatchObject({
    code: 'not_granted',
    detail: expect.stringContaining('grader, a service of the Hub'),
  })
  await relay.rule({ services: ['grader'] })
  expect(await of()).toBe(200)
  expect((await relay.post('grader', 'x', 'inbox:@me')).id).toBeDefined()
  await relay.rule({ services: ['Grader', 'ada'] })
  expect(await of()).toBe(403)
})
