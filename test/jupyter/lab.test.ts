// JupyterLab in Chromium: what a person of the original package does, with a TypeScript kernel, and what the inbox page then shows.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { LabPage, openBrowser } from '../../start/lab-page.ts'
import { inboxPage } from '../../start/relay.ts'
import { testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'

const LIMIT = 120_000
let home: TestHome
let browser: Browser

beforeAll(async () => {
  home = await testHome()
  browser = await openBrowser()
}, LIMIT)

afterAll(async () => {
  await browser.close()
  await home[Symbol.asyncDispose]()
}, LIMIT)

test(
  'the two lines of the original README, without semicolons, give a receipt and a post in the inbox page',
  async () => {
    const relay = await home.relay()
    const lab = new LabPage(await browser.newPage())
    await lab.open(await home.jupyter('lab'))
    await lab.newNotebook('TypeScript (jupyterpost)')
    await lab.run(`function run_long_computation() {
  let sum = 0
  for (let i = 0; i < 1e7; i++) sum += i
  console.log('sum is', sum)
}`)
    const inbox = await browser.newPage()
    await inbox.goto(await inboxPage(relay))
    const cell = await lab.run('run_long_computation()\n%post @myself Computation done!')
    const shown = await cell.locator('.jp-OutputArea').innerText()
    expect(shown).toContain('sum is 49999995000000')
    expect(shown).toMatch(/inbox/)
    expect(shown).not.toMatch(/error/i)
    // The page was open before the post: it came by itself.
    await inbox.getByText('Computation done!').waitFor({ timeout: LIMIT / 4 })
  },
  LIMIT,
)
