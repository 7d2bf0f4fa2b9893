// Visits of the inbox page: each has its own relay and a real browser that opened its link. All
// tests of a file share one browser.
import type { Browser, Page } from 'playwright-core'
import { buildPage } from '../../../start/build-page.ts'
import { launchBrowser, watch } from './page.ts'
import type { Misdeeds } from './page.ts'
import { temporaryFolder, testRelay } from './relay.ts'
import type { TestRelay } from './relay.ts'

export interface Visit extends AsyncDisposable {
  at: TestRelay
  page: Page
  misdeeds: Misdeeds
}

export interface Visits extends AsyncDisposable {
  browser: Browser
  /** Folder of the built page. */
  root: string
  /** @param width - Of the window, in CSS pixels. */
  visit(width?: number): Promise<Visit>
}

/** Nothing that a page must not do. */
export const CLEAN: Misdeeds = { dialogs: [], complaints: [], foreign: [] }

export async function openVisits(): Promise<Visits> {
  const folder = temporaryFolder()
  const root = `${folder.path}/page`
  await buildPage(root)
  const browser = await launchBrowser()
  return {
    browser,
    root,
    async visit(width = 1000) {
      const home = temporaryFolder()
      const at = await testRelay(home.env, { page: root })
      const context = await browser.newContext({ viewport: { width, height: 700 } })
      const page = await context.newPage()
      const misdeeds = watch(page, at.url)
      await page.goto(`${at.url}${at.relay.gate?.page.link()}`)
      await page.locator('#connection[data-state=live]').waitFor()
      return {
        at,
        page,
        misdeeds,
        async [Symbol.asyncDispose]() {
          await context.close()
          await at[Symbol.asyncDispose]()
          home[Symbol.dispose]()
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      folder[Symbol.dispose]()
    },
  }
}
