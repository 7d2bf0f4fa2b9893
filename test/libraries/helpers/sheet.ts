// A picture of all posts of recordings: the inbox page, laid out as a sheet of small tiles with the
// names of the libraries.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { submitPost } from '../../../post/relay/client.ts'
import { clone, cloneEnvironment } from '../../../start/clone.ts'
import { openBrowser } from '../../../start/lab-page.ts'
import { inboxPage, startRelay } from '../../../start/relay.ts'
import { captured, cells } from './recordings.ts'

export const SHEET = join(clone, 'docs/pictures/libraries.png')
const WIDTH = 1640
const COLUMNS = 7

/** A tile shows the start of its post; its name is the post's message. */
const LAYOUT = `
  .bar, article > header, article > footer { display: none }
  body { width: ${WIDTH}px; background: #d5dbe3 }
  main { max-width: none; padding: 12px; margin: 0 }
  #posts { display: grid; grid-template-columns: repeat(${COLUMNS}, 1fr); gap: 10px }
  article { height: 196px; margin: 0; padding: 0 12px 8px; overflow: hidden; animation: none;
    border-radius: 6px; box-shadow: none; font-size: 12px }
  .body > * { margin: 4px 0 }
  .body > .message:first-child { margin: 0 -12px 8px; padding: 4px 12px; font-weight: 600;
    background: #eef1f5; border-bottom: 1px solid #d5dbe3 }
  .body img { max-width: 100%; max-height: 146px; width: auto; margin: auto; display: block }
  .body pre { padding: 4px 6px; font-size: 9px; line-height: 1.3; overflow: hidden }
  .body table { font-size: 10px } .body :is(th, td) { padding: 1px 6px }
  .body .katex { font-size: 1.2em }
`

/** Needs the build. */
export async function writeSheet(python: string): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const state = join(clone, '.state', `sheet-${process.pid}`)
  stack.defer(() => rmSync(state, { recursive: true, force: true }))
  const relay = await startRelay(cloneEnvironment(state))
  stack.defer(() => relay.stop())
  const wanted = cells()
  const posts = captured(wanted, python)
  // The page shows the newest first.
  for (const { stem, library } of wanted.toReversed()) {
    const post = posts.get(stem)
    if (!post) throw new Error(`${stem} has no recording`)
    const blocks = [{ type: 'message' as const, text: `\`${library}\`` }, ...post.blocks]
    await submitPost(
      { url: new URL(relay.url), token: relay.token },
      { targets: ['inbox:@me'], source: {}, blocks, files: post.files },
    )
  }
  const browser = await openBrowser()
  stack.defer(() => browser.close())
  const context = await browser.newContext({ colorScheme: 'light', bypassCSP: true })
  const page = await context.newPage()
  await page.setViewportSize({ width: WIDTH, height: 1000 })
  await page.goto(await inboxPage(relay))
  await page
    .locator('article')
    .nth(wanted.length - 1)
    .waitFor()
  await page.addStyleTag({ content: LAYOUT })
  await pictureIn(page)
}

async function pictureIn(page: Page): Promise<void> {
  // Pictures are loaded when they come into view.
  for (const image of await page.locator('article img').all()) await image.scrollIntoViewIfNeeded()
  await page.evaluate('Promise.all(Array.from(document.images, (image) => image.decode()))')
  await page.evaluate('for (const tile of document.querySelectorAll("article")) tile.scrollTop = 0')
  const picture = await page.locator('main').screenshot()
  await sharp(picture).png({ palette: true, compressionLevel: 9, effort: 10 }).toFile(SHEET)
}
