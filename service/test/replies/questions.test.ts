import { expect, test } from '@jest/globals'

import { until, within } from '../../../test/helpers/until.ts'
import { Feed, Problem } from '../../../post/contract/schema.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { endingRelay } from '../helpers/ending-relay.ts'
import { answerOf, asks, call, question, readPost, says } from '../helpers/questions.ts'
import type { At } from '../helpers/questions.ts'
import {
  allDelivered,
  authorized,
  change,
  events,
  send,
  temporaryFolder,
  testRelay,
} from '../helpers/relay.ts'

const said = (words: string) => ({ type: 'message', text: words })

/** Waits until this is the post's last block. */
async function endsWith(at: At, id: string, block: Block): Promise<void> {
  for await (const { post } of events(at, '0')) {
    if (post.id !== id) continue
    const last = (await readPost(at, id)).blocks.at(-1)
    if (JSON.stringify(last) === JSON.stringify(block)) return
  }
}

test('a question says how to answer, its answer ends the wait, and the post says who answered what', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at)
  await allDelivered(at, [id])
  const end = new Date(at.clock.ms + 60_000).toISOString()
  expect((await readPost(at, id)).blocks).toEqual([
    { type: 'message', text: 'Continue?' },
    { type: 'choices', choices: ['yes', 'no'], until: end },
  ])
  expect(await answerOf(at, id)).toEqual({ state: 'open', until: end })
  const waiting = answerOf(at, id, 30)
  expect((await says(at, id, ' YES ')).status).toBe(201)
  const { from } = await readPost(at, id)
  const answer = { state: 'answered', answer: 'yes', by: from, at: expect.any(String) }
  expect(await waiting).toEqual(answer)
  await endsWith(at, id, { type: 'notice', text: `${from} answered: yes` })
  const post = await readPost(at, id)
  expect(post.question).toEqual({ choices: ['yes', 'no'], answer })
  expect(post.replies).toEqual([{ from, text: 'YES', at: expect.any(String) }])
  expect(post.blocks).toHaveLength(2)
  // Only the first answer counts.
  expect((await says(at, id, 'no')).status).toBe(201)
  expect(await answerOf(at, id)).toEqual(answer)
})

test.each([
  ['2', 'no'],
  ['2.', 'no'],
  ['#1', 'yes'],
  ['No', 'no'],
  ['  yes\n', 'yes'],
])('%j answers %s', async (text, expected) => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at)
  await allDelivered(at, [id])
  await says(at, id, text)
  expect(await answerOf(at, id, 10)).toMatchObject({ state: 'answered', answer: expected })
})

test('a question without choices takes any text, without control characters', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at, question({ choices: [] }))
  await allDelivered(at, [id])
  await says(at, id, ' take lr=0.1\u0007\r\nthen stop\u001b[31m ')
  expect(await answerOf(at, id, 10)).toMatchObject({
    state: 'answered',
    answer: 'take lr=0.1\nthen stop[31m',
  })
})

test('a text that is no choice gets a hint in the thread, at most three of them', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at)
  await allDelivered(at, [id])
  for (const text of ['maybe', 'perhaps', '3', 'later']) await says(at, id, text)
  await says(at, id, '1')
  expect(await answerOf(at, id, 10)).toMatchObject({ state: 'answered', answer: 'yes' })
  const list = await fetch(new URL('api/v1/posts', at.url), { headers: authorized(at.token) })
  const hints = Feed.parse(await list.json()).posts.filter((post) => post.id !== id)
  expect(hints.map(({ blocks }) => blocks)).toEqual(
    ['maybe', 'perhaps', '3'].map((text) => [
      {
        type: 'notice',
        text: `Expected one of 1. yes, 2. no (the number or the word), got "${text}"`,
      },
    ]),
  )
  await allDelivered(
    at,
    hints.map((hint) => hint.id),
  )
})

test.each([
  ['a channel', ['~lab'], 'bad_target', /expected @me or @name as its only target, got ~lab/],
  ['two targets', ['@me', '@me'], 'bad_target', /got @me, @me/],
  ['a list of targets', ['@me,lab'], 'bad_target', /got @me, lab/],
])('%s cannot be asked', async (_, targets, code, detail) => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const answer = await send(at, { ...question(), targets })
  expect(answer.status).toBe(400)
  const problem = Problem.parse(await answer.json())
  expect(problem.code).toBe(code)
  expect(problem.detail).toMatch(detail)
})

test.each([
  ['choices.0', { choices: [''] }],
  ['timeoutMs', { timeoutMs: 10 }],
  ['choices', { choices: Array.from({ length: 21 }, (_, n) => `${n}`) }],
])('a question with wrong %s is refused', async (field, ask) => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const problem = Problem.parse(await (await send(at, question(ask))).json())
  expect(problem).toMatchObject({ code: 'bad_request' })
  expect(problem.detail).toContain(`ask.${field}`)
})

test.each([
  ['without `otherwise`', {}, { state: 'expired' }, 'No answer in 2 h'],
  ['with it', { otherwise: 'no' }, { state: 'expired', answer: 'no' }, 'No answer in 2 h: no'],
])('nobody answers in time, %s', async (_, ask, expected, text) => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at, question({ timeoutMs: 2 * 3_600_000, ...ask }))
  await allDelivered(at, [id])
  const waiting = answerOf(at, id, 30)
  at.clock.ms += 2 * 3_600_000 + 1
  // Any change makes the relay look at the time; by itself it does so every half minute.
  await asks(at, { targets: ['lab'], blocks: [{ type: 'message', text: 'x' }] })
  expect(await waiting).toEqual(expected)
  await endsWith(at, id, { type: 'notice', text })
  await says(at, id, 'yes')
  expect(await answerOf(at, id)).toEqual(expected)
})

test('the asker can take a question back, and nobody can answer it after that', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at)
  await allDelivered(at, [id])
  const waiting = answerOf(at, id, 30)
  const taken = await call(at, 'DELETE', `${id}/answer`)
  expect(taken.status).toBe(200)
  expect(await taken.json()).toEqual({ state: 'withdrawn' })
  expect(await waiting).toEqual({ state: 'withdrawn' })
  await endsWith(at, id, { type: 'notice', text: 'The question was taken back' })
  await says(at, id, 'yes')
  expect(await answerOf(at, id)).toEqual({ state: 'withdrawn' })
})

test('taking back the post takes back its question', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at)
  await allDelivered(at, [id])
  const waiting = answerOf(at, id, 30)
  expect((await call(at, 'DELETE', id)).status).toBe(204)
  expect(await waiting).toEqual({ state: 'withdrawn' })
  expect((await call(at, 'GET', id)).status).toBe(404)
  expect((await says(at, id, 'yes')).status).toBe(404)
})

test('a new content of a question keeps it a question, and one that is over says how it ended', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at)
  await allDelivered(at, [id])
  const [, choices] = (await readPost(at, id)).blocks
  await change(at, id, { blocks: [said('Really?')] })
  expect((await readPost(at, id)).blocks).toEqual([said('Really?'), choices])
  await says(at, id, 'no')
  const answered = await answerOf(at, id, 10)
  expect(answered).toMatchObject({ answer: 'no' })
  const { from } = await readPost(at, id)
  const end = { type: 'notice' as const, text: `${from} answered: no` }
  await endsWith(at, id, end)
  await change(at, id, { blocks: [said('Thank you'), choices] })
  expect((await readPost(at, id)).blocks).toEqual([said('Thank you'), end])
})

test('files of a question stay when it is over', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const blocks = [{ type: 'file', file: 0 }]
  const file = new File(['a,b\n'], 'data.csv')
  const id = await asks(at, { ...question(), blocks }, { files: [file] })
  await allDelivered(at, [id])
  await says(at, id, 'yes')
  const { from } = await readPost(at, id)
  await endsWith(at, id, { type: 'notice', text: `${from} answered: yes` })
  const bytes = await call(at, 'GET', `${id}/files/0`)
  expect(await bytes.text()).toBe('a,b\n')
})

test('the same key asks once', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at, question(), { key: 'once' })
  at.clock.ms += 1000
  expect(await asks(at, question(), { key: 'once' })).toBe(id)
  await allDelivered(at, [id])
  await says(at, id, 'yes')
  expect(await answerOf(at, id, 10)).toMatchObject({ answer: 'yes' })
  expect(await asks(at, question(), { key: 'once' })).toBe(id)
  expect(await answerOf(at, id)).toMatchObject({ answer: 'yes' })
})

test('of two questions in one thread each is answered by what is said to it', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const first = await asks(at, { ...question(), thread: 'run' })
  const second = await asks(at, { ...question(), thread: 'run' })
  await allDelivered(at, [first, second])
  await says(at, first, 'no')
  expect(await answerOf(at, first, 10)).toMatchObject({ answer: 'no' })
  expect(await answerOf(at, second)).toMatchObject({ state: 'open' })
})

test('what is no question or no post of yours has no answer', async () => {
  using folder = temporaryFolder()
  await using at = await testRelay(folder.env)
  const id = await asks(at, { targets: ['@me'], blocks: [{ type: 'message', text: 'hello' }] })
  const codes = await Promise.all(
    [`${id}/answer`, 'nowhere/answer'].map(async (path) => {
      const answer = await call(at, 'GET', path)
      return [answer.status, Problem.parse(await answer.json()).code]
    }),
  )
  expect(codes).toEqual([
    [404, 'unknown_question'],
    [404, 'unknown_post'],
  ])
  const asked = await asks(at)
  const answer = await call(at, 'GET', `${asked}/answer?wait=31`)
  expect(Problem.parse(await answer.json()).detail).toMatch(/wait: .* 0 to 30, got "31"/)
})

test('an open question keeps a local relay from ending', async () => {
  using folder = temporaryFolder()
  await using at = await endingRelay(folder.env)
  const id = await asks(at)
  await allDelivered(at, [id])
  // Nothing is left to do but to wait.
  expect(at.looks()).toBe('needed')
  await call(at, 'DELETE', `${id}/answer`)
  // The post is told to show it.
  await until(() => at.looks() === 'idle', 'the relay ends')
})

test('a relay that closes ends what waits at once, and so does a client that goes', async () => {
  using folder = temporaryFolder()
  const at = await testRelay(folder.env)
  const id = await asks(at)
  const gone = new AbortController()
  const left = call(at, 'GET', `${id}/answer?wait=30`, { signal: gone.signal })
  const waiting = answerOf(at, id, 30)
  // A later request was answered, so these two are waiting.
  await allDelivered(at, [id])
  gone.abort()
  await expect(left).rejects.toThrow('aborted')
  // By itself the wait would end after 30 s.
  await within(at[Symbol.asyncDispose](), 'the relay closes', { limit: 20_000 })
  expect(await waiting).toMatchObject({ state: 'open' })
})
