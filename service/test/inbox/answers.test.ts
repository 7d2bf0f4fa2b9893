// Answering on the inbox page, in a real browser.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { WatchState } from '../../../post/contract/watch.ts'
import { answerOf, asks, question } from '../helpers/questions.ts'
import { allDelivered, authorized, change } from '../helpers/relay.ts'
import { CLEAN, openVisits } from '../helpers/visits.ts'
import type { Visits } from '../helpers/visits.ts'

let visits: Visits

beforeAll(async () => {
  visits = await openVisits()
}, 60_000)

afterAll(async () => {
  await visits[Symbol.asyncDispose]()
})

test('a click on a choice answers the question, and the post says so', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const id = await asks(at, question({ timeoutMs: 7_200_000, otherwise: 'no' }))
  await page.getByText('1 h 59 min left · without an answer: no').waitFor()
  const waiting = answerOf(at, id, 30)
  await page.getByRole('button', { name: 'yes' }).click()
  expect(await waiting).toMatchObject({ state: 'answered', answer: 'yes' })
  await page.getByText('answered: yes').waitFor()
  expect(await page.locator('form.answer').count()).toBe(0)
  expect(await page.locator('.replies').count()).toBe(0)
  expect(open.misdeeds).toEqual(CLEAN)
}, 30_000)

test('a text is typed and sent by keyboard alone, and stays while the post changes', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const id = await asks(at, question({ choices: [] }))
  const field = page.getByRole('textbox', { name: 'Your answer' })
  await field.waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.type('jkl: lr=')
  await change(at, id, { blocks: [{ type: 'message', text: 'Which rate?' }] })
  await page.getByText('Which rate?').waitFor()
  await page.keyboard.type('0.1')
  const waiting = answerOf(at, id, 30)
  await page.keyboard.press('Enter')
  expect(await waiting).toMatchObject({ state: 'answered', answer: 'jkl: lr=0.1' })
  await page.getByText('answered: jkl: lr=0.1').waitFor()
  expect(await page.evaluate('document.activeElement.id')).toBe(id)
  expect(open.misdeeds).toEqual(CLEAN)
}, 30_000)

test('choices are text, whatever is in them', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const evil = '"><img src=x onerror=alert(1)>'
  const id = await asks(at, question({ choices: [evil, 'no'], otherwise: '<b>no</b>' }))
  const waiting = answerOf(at, id, 30)
  await page.getByRole('button', { name: evil }).click()
  expect(await waiting).toMatchObject({ answer: evil })
  await page.getByText(`answered: ${evil}`).waitFor()
  expect(open.misdeeds).toEqual(CLEAN)
}, 30_000)

test('a watched post takes `status` at once and `stop` at the second click', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const id = await asks(at, { targets: ['@me'], blocks: [{ type: 'message', text: 'epoch 3' }] })
  await allDelivered(at, [id])
  const url = new URL(`api/v1/watches/${randomUUID()}`, at.url)
  const manifest = { targets: ['@me'], source: {}, runningMs: 1000, posts: [id] }
  const headers = { ...authorized(at.token), 'content-type': 'application/json' }
  const put = async () => {
    const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(manifest) })
    expect(answer.status).toBe(200)
    return WatchState.parse(await answer.json()).commands.map(({ command }) => command)
  }
  expect(await put()).toEqual([])
  await page.getByRole('button', { name: 'status' }).click()
  await page.locator('.replies', { hasText: 'status' }).waitFor()
  await page.getByRole('button', { name: 'stop' }).click()
  const sure = page.getByRole('button', { name: 'stop the cell?' })
  await sure.waitFor()
  expect(await page.locator('.replies li').count()).toBe(1)
  await sure.click()
  await page.locator('.replies', { hasText: 'stop' }).waitFor()
  expect(await put()).toEqual(['status', 'stop'])
  expect(open.misdeeds).toEqual(CLEAN)
}, 30_000)

test('on a phone many and long choices fit', async () => {
  await using open = await visits.visit(360)
  const { page, at } = open
  const choices = [
    'yes',
    'no',
    'x'.repeat(100),
    ...Array.from({ length: 17 }, (_, n) => `try ${n}`),
  ]
  await asks(at, question({ choices }))
  await page.getByRole('button', { name: 'try 16' }).waitFor()
  const width = await page.evaluate('document.documentElement.scrollWidth')
  expect(width).toBeLessThanOrEqual(360)
}, 30_000)
