// Posts as the inbox page draws them, without a relay: the page's views in a page of their own.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'

import type { ReadPost } from '../../../post/contract/schema.ts'
import { launchBrowser } from './page.ts'

const PAGE = fileURLToPath(new URL('../../inbox/page', import.meta.url))

const ENTRY = `
  import { Files } from './files.ts'
  import { postView } from './post-view.ts'
  const files = new Files(async () => ({ blob: new Blob(['x']), tag: undefined }))
  globalThis.draw = (posts) => document.body.replaceChildren(...posts.flatMap((post) => postView(post, files)))
`

export interface Views extends AsyncDisposable {
  page: Page
  /** Draws posts into a window that is large enough for all. */
  draw(...posts: ReadPost[]): Promise<void>
  html(post: ReadPost): Promise<string>
}

export async function openViews(): Promise<Views> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: PAGE, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'warning',
  })
  const browser = await launchBrowser()
  const page = await browser.newPage({ viewport: { width: 1000, height: 10_000 } })
  // KaTeX does not draw in a page without a doctype.
  await page.setContent('<!doctype html><body>')
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' })
  const draw = async (...posts: ReadPost[]) => {
    await page.evaluate(`draw(${JSON.stringify(posts)})`)
    // Lets everything draw that waits for its turn, or to come near the window.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)))')
  }
  return {
    page,
    draw,
    async html(post) {
      await draw(post)
      return page.locator('body').innerHTML()
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
