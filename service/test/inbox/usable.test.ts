// The page stays usable whatever a post contains. Measures times, so it runs alone.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { send } from '../helpers/relay.ts'
import { CLEAN, openVisits } from '../helpers/visits.ts'
import type { Visits } from '../helpers/visits.ts'

/** ms of one task of the page; half of it on an idle machine. */
const LONGEST_TASK_MS = 200

let visits: Visits

beforeAll(async () => {
  visits = await openVisits()
}, 60_000)

afterAll(async () => {
  await visits[Symbol.asyncDispose]()
})

const formula = (n: number) => `x_{${n}} + \\frac{1}{2} `.repeat(28)

/** Runs in the page: notes each task that took longer than 50 ms, as browsers report them. */
const WATCH_TASKS = `globalThis.tasks = []
new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
  .observe({ type: 'longtask' })`

test('100 long formulas leave the page usable, and the answer of the relay is no longer than they are', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const blocks = Array.from({ length: 100 }, (_, n) => ({ type: 'latex', text: formula(n) }))
  await page.evaluate(WATCH_TASKS)
  expect((await send(at, { targets: ['@me'], blocks })).status).toBe(202)
  await page.locator('.katex').first().waitFor()
  // What is near the window is drawn; the rest when somebody scrolls there.
  const drawn = await page.locator('.katex').count()
  expect(drawn).toBeLessThan(100)
  await page.locator('.math').nth(15).scrollIntoViewIfNeeded()
  await page.locator('.math').nth(15).locator('.katex').waitFor()
  await page.locator('.math').nth(99).scrollIntoViewIfNeeded()
  await page.locator('.math').nth(99).getByRole('button', { name: 'show the formula' }).click()
  await page.locator('.math').nth(99).locator('.katex').waitFor()
  const tasks = await page.evaluate<number[]>('tasks')
  expect(Math.max(0, ...tasks)).toBeLessThan(LONGEST_TASK_MS)
  const answer = await fetch(new URL('api/v1/posts', at.url), {
    headers: { authorization: `token ${at.token}` },
  })
  expect((await answer.text()).length).toBeLessThan(2 * formula(0).length * 100)
  expect(open.misdeeds).toEqual(CLEAN)
}, 60_000)
