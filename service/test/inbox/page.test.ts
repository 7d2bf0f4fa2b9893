import { afterAll, beforeAll, expect, test } from '@jest/globals'
import sharp from 'sharp'
import { Accepted } from '../../../post/contract/schema.ts'
import { authorized, change, message, send } from '../helpers/relay.ts'
import type { TestRelay } from '../helpers/relay.ts'
import { CLEAN, openVisits } from '../helpers/visits.ts'
import type { Visits } from '../helpers/visits.ts'

let visits: Visits

beforeAll(async () => {
  visits = await openVisits()
}, 60_000)

afterAll(async () => {
  await visits[Symbol.asyncDispose]()
})

async function post(at: TestRelay, manifest: object, files: File[] = []): Promise<string> {
  // The list is sorted by time, and the relay's clock stands still.
  at.clock.ms += 1000
  const answer = await send(at, manifest, { files })
  expect(answer.status).toBe(202)
  const { posts } = Accepted.parse(await answer.json())
  return posts[0]?.id ?? ''
}

test('an empty inbox says what to do, and a post appears in it live', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  await page.getByText('Nothing here yet').waitFor()
  await post(at, message('hello **world**', '@me'))
  await page.locator('article strong', { hasText: 'world' }).waitFor()
  expect(await page.locator('#empty').isVisible()).toBe(false)
  expect(await page.locator('article').count()).toBe(1)
  expect(open.misdeeds).toEqual(CLEAN)
}, 30_000)

test('a channel that comes leaves the focus at the post that is read', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  expect((await send(at, message('first', '@me'))).status).toBe(202)
  await page.locator('article', { hasText: 'first' }).waitFor()
  await page.keyboard.press('j')
  const focused = () => page.evaluate<string>('document.activeElement.tagName')
  expect(await focused()).toBe('ARTICLE')
  expect((await send(at, message('second', 'lab'))).status).toBe(202)
  await page.locator('#channels').getByText('~lab').waitFor()
  expect(await focused()).toBe('ARTICLE')
})

test('images load, formulas and their fonts too, files download', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const pixels = { width: 40, height: 30, channels: 3, background: '#c00' } as const
  const png = await sharp({ create: pixels }).png().toBuffer()
  const blocks = [
    { type: 'image', file: 0 },
    { type: 'latex', text: '\\frac{1}{\\alpha}' },
    { type: 'file', file: 1 },
  ]
  const files = [new File([png], 'plot.png'), new File(['a,b\n'], 'data.csv')]
  await post(at, { targets: ['lab'], blocks }, files)
  const image = page.locator('article img')
  await image.waitFor()
  await page.evaluate(`document.querySelector('article img').decode()`)
  expect(await page.evaluate(`document.querySelector('article img').naturalWidth`)).toBe(40)
  await page.evaluate('document.fonts.ready')
  expect(await page.evaluate(`document.fonts.check('16px KaTeX_Math')`)).toBe(true)
  const download = page.waitForEvent('download')
  await page.getByText('data.csv').click()
  expect((await download).suggestedFilename()).toBe('data.csv')
  expect(open.misdeeds).toEqual(CLEAN)
}, 30_000)

test('hostile posts do nothing and the CSP has nothing to refuse', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const hostile = [
    '<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)></svg>',
    '[click](javascript:alert(1)) <a href="javascript:alert(1)">click</a>',
    '$\\href{javascript:alert(1)}{click}$ $\\includegraphics{https://evil.example/x.png}$',
    '![track](https://evil.example/track.png)',
    '<style>body{display:none}</style><base href="https://evil.example/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  ]
  const blocks = hostile.flatMap((text) => [
    { type: 'message', text },
    { type: 'markdown', text },
    { type: 'html', html: text, text },
    { type: 'table', columns: [text], rows: [[text]] },
    { type: 'error', name: text, message: text, traceback: text },
    { type: 'code', text, language: 'js" onx="' },
  ])
  await post(at, { targets: ['@me'], blocks })
  await page.locator('article').waitFor()
  // Everything that somebody may click on, except the links to other sites.
  await page.evaluate(`for (const element of document.querySelectorAll('article .body :not(a)'))
    element.dispatchEvent(new MouseEvent('click', { bubbles: true }))`)
  const odd = page.locator('article a:not([href^="https:"], [href^="#"])')
  expect(await odd.count()).toBe(0)
  const rows = Array.from({ length: 10_000 }, (_, n) => Array.from({ length: 8 }, () => String(n)))
  const table = { type: 'table', columns: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], rows }
  const id = await post(at, { targets: ['@me'], blocks: [table] })
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
  await post(at, { targets: ['@me'], blocks: [{ type: 'image', file: 0 }] }, [
    new File([svg], 'x.svg', { type: 'image/svg+xml' }),
  ])
  await page.locator('.file').waitFor()
  // A post is drawn anew when it is delivered; its last rows come when the page has time.
  await page.locator(`[id="${id}"][data-status=delivered]`).waitFor()
  await page.locator(`[id="${id}"] tbody tr:nth-child(2501)`).waitFor({ state: 'attached' })
  expect(await page.locator(`[id="${id}"] tbody tr`).count()).toBe(2501)
  expect(page.url()).toBe(at.url)
  expect(
    await page.locator('article script, article iframe, article style, article [onerror]').count(),
  ).toBe(0)
  expect(open.misdeeds).toEqual(CLEAN)
}, 60_000)

test('what arrives while somebody reads moves nothing, and the title counts it', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const long = Array.from({ length: 30 }, (_, n) => `paragraph ${n}`).join('\n\n')
  const ids = []
  for (let n = 0; n < 4; n++) ids.push(await post(at, message(`${long} of ${n}`, '@me')))
  await page.locator('article').nth(3).waitFor()
  const reading = page.locator(`[id="${ids[1]}"] p`, { hasText: 'paragraph 7' }).first()
  await reading.scrollIntoViewIfNeeded()
  const before = (await reading.boundingBox())?.y
  await post(at, message('news', 'lab'))
  await page.getByRole('button', { name: '1 new post' }).waitFor()
  // The browser scrolls by whole device pixels.
  expect(Math.abs(((await reading.boundingBox())?.y ?? 0) - (before ?? 0))).toBeLessThan(1)
  expect(await page.title()).toBe('(1) jupyterpost inbox')
  await page.getByRole('button', { name: '1 new post' }).click()
  await expect(page.locator('article').first().innerText()).resolves.toContain('news')
  expect(await page.title()).toBe('jupyterpost inbox')
}, 60_000)

test('channels filter, j and k walk, an edit replaces and a withdrawal removes', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  await post(at, message('for me', '@me'))
  const id = await post(at, message('for the lab', 'lab'))
  await page.locator('article', { hasText: 'for the lab' }).waitFor()
  await page.getByRole('button', { name: '~lab' }).click()
  expect(await page.locator('article:visible').count()).toBe(1)
  await page.getByRole('button', { name: 'All' }).click()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  expect(await page.evaluate('document.activeElement.innerText')).toContain('for me')

  const headers = { authorization: `token ${at.token}` }
  const url = new URL(`api/v1/posts/${id}`, at.url)
  const blocks = [{ type: 'message', text: 'edited' }]
  await page.locator(`[id="${id}"]`).waitFor()
  expect((await change(at, id, { blocks })).status).toBe(200)
  await page.locator(`[id="${id}"]`, { hasText: 'edited' }).waitFor()
  expect((await fetch(url, { method: 'DELETE', headers })).ok).toBe(true)
  await page.locator(`[id="${id}"]`).waitFor({ state: 'detached' })
}, 30_000)

test('a page whose stream was closed for newer ones says so, goes on, and is live when looked at', async () => {
  await using open = await visits.visit()
  const { page, at } = open
  const stop = new AbortController()
  const url = new URL('api/v1/events', at.url)
  const headers = authorized(at.token)
  for (let n = 0; n < 20; n += 1) await fetch(url, { headers, signal: stop.signal })
  await page.getByText('Many pages of yours are open').waitFor()
  expect(await page.locator('#problem').innerText()).toContain(
    'At most 20 event streams of one person are open at once',
  )
  await post(at, message('still comes', '@me'))
  await page.locator('article', { hasText: 'still comes' }).waitFor()
  await page.getByText('Many pages of yours are open').waitFor()
  await page.evaluate(`dispatchEvent(new Event('focus'))`)
  await page.locator('#connection[data-state=live]').waitFor()
  expect(await page.locator('#problem').isVisible()).toBe(false)
  stop.abort()
  expect(open.misdeeds).toEqual(CLEAN)
}, 30_000)
