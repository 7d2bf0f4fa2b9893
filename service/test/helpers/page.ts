// The inbox page in a real browser: built into a temporary folder, served by a real relay.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path))
  if (executablePath === undefined)
    throw new Error(`Expected Chromium at one of ${BROWSERS.join(', ')} or in CHROMIUM`)
  // Chromium's own sandbox does not work for root or in most containers; the pages are ours.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** What a page must never do; filled while the page exists. */
export interface Misdeeds {
  dialogs: string[]
  /** Errors of scripts, refused requests, violations of the CSP. */
  complaints: string[]
  /** Requests to anything but the relay. */
  foreign: string[]
}

export function watch(page: Page, relay: string): Misdeeds {
  const misdeeds: Misdeeds = { dialogs: [], complaints: [], foreign: [] }
  page.on('dialog', (dialog) => {
    misdeeds.dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    if (message.type() === 'error') misdeeds.complaints.push(message.text())
  })
  page.on('pageerror', (error) => misdeeds.complaints.push(error.message))
  page.on('request', (request) => {
    const own = [relay, `blob:${relay}`, 'data:']
    if (!own.some((start) => request.url().startsWith(start))) misdeeds.foreign.push(request.url())
  })
  return misdeeds
}
