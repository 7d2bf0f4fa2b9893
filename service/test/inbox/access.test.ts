// How browsers get into the page, and what other people's servers learn of it, in a real browser.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { BrowserContext, Page } from 'playwright-core'
import { z } from 'zod'

import { thumbprintText } from '../../../post/contract/page-access.ts'
import { Accepted } from '../../../post/contract/schema.ts'
import { PagePublicKey } from '../../hub/page-keys.ts'
import { ask } from '../helpers/browser-key.ts'
import { authorized, message, send, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'
import { openVisits } from '../helpers/visits.ts'
import type { Visits } from '../helpers/visits.ts'

let visits: Visits
let home: Folder
let relay: TestRelay
let context: BrowserContext

beforeAll(async () => {
  visits = await openVisits()
}, 60_000)

afterAll(async () => {
  await visits[Symbol.asyncDispose]()
})

beforeEach(async () => {
  home = temporaryFolder()
  context = await visits.browser.newContext()
  await start()
})

afterEach(async () => {
  await context.close()
  await relay[Symbol.asyncDispose]()
  home[Symbol.dispose]()
})

async function start(): Promise<void> {
  relay = await testRelay(home.env, { page: visits.root })
}

const link = () => `${relay.url}${relay.relay.gate?.page.link()}`
const isLive = (page: Page) => page.locator('#connection[data-state=live]').waitFor()

/** A tab of a browser that was let in. */
async function letIn(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(link())
  await isLive(page)
  return page
}

async function post(text: string): Promise<string> {
  const answer = await send(relay, message(text, '@me'))
  return Accepted.parse(await answer.json()).posts[0]?.url ?? ''
}

test('the link of a receipt opens its post; afterwards this browser is in, and the link lets in no other', async () => {
  const url = await post('the first')
  const page = await context.newPage()
  await page.goto(url)
  await page.locator('article', { hasText: 'the first' }).waitFor()
  expect(page.url()).toMatch(/\/#[0-9a-f-]+$/)
  for (const again of [url, relay.url]) {
    const tab = await context.newPage()
    await tab.goto(again)
    await tab.locator('article', { hasText: 'the first' }).waitFor()
  }
  const other = await visits.browser.newContext()
  const stranger = await other.newPage()
  await stranger.goto(url)
  await stranger.getByText('This browser is not let in yet').waitFor()
  const said = await stranger.locator('#problem').innerText()
  expect(said).toContain('This link was used before')
  expect(said).toContain('jupyterpost inbox --open')
  expect(said).not.toContain('`')
  expect(await stranger.locator('article').count()).toBe(0)
  await other.close()
})

test('a page without a key says which command opens it, and opens by itself when another tab was let in', async () => {
  await post('hello')
  const waiting = await context.newPage()
  await waiting.goto(relay.url)
  await waiting.getByText('This browser is not let in yet').waitFor()
  expect(await waiting.locator('#problem').innerText()).toContain('jupyterpost inbox --open')
  await letIn()
  await waiting.locator('article', { hasText: 'hello' }).waitFor()
  expect(await waiting.locator('#problem').isVisible()).toBe(false)
})

test('a link that is opened in the tab that waits lets it in, without a reload', async () => {
  const page = await context.newPage()
  await page.goto(relay.url)
  await page.getByText('This browser is not let in yet').waitFor()
  await page.evaluate(`location.hash = ${JSON.stringify(new URL(link()).hash)}`)
  await isLive(page)
  expect(page.url()).toBe(relay.url)
})

test('a tab finds its relay again after a restart, and shows what was posted meanwhile', async () => {
  const page = await letIn()
  await post('before')
  await page.locator('article', { hasText: 'before' }).waitFor()
  await relay[Symbol.asyncDispose]()
  await page.locator('#connection[data-state=waiting]').waitFor()
  await start()
  await post('after')
  await page.locator('article', { hasText: 'after' }).waitFor()
  await isLive(page)
  expect(await page.locator('article').count()).toBe(2)
})

test('a tab whose relay ended says so, and what starts it', async () => {
  const page = await letIn()
  await relay[Symbol.asyncDispose]()
  await page.getByText('The relay is not running').waitFor()
  expect(await page.locator('#problem').innerText()).toContain('jupyterpost inbox')
  await start()
  await isLive(page)
  expect(await page.locator('#problem').isVisible()).toBe(false)
})

test('each of nine tabs shows its post and what comes, though browsers open six connections to one address', async () => {
  const tabs: Page[] = []
  for (let n = 0; n < 9; n += 1) {
    const tab = await context.newPage()
    tabs.push(tab)
    await tab.goto(await post(`post ${n}.`))
    await tab.locator('article', { hasText: `post ${n}.` }).waitFor()
    await isLive(tab)
  }
  await post('for all')
  for (const tab of tabs) await tab.locator('article', { hasText: 'for all' }).waitFor()
}, 60_000)

test('a browser that is forgotten is out at once', async () => {
  const page = await letIn()
  await fetch(new URL('api/v1/page/keys', relay.url), {
    method: 'DELETE',
    headers: authorized(relay.token),
  })
  await page.getByText('This browser is not let in yet').waitFor()
  await page.reload()
  await page.getByText('This browser is not let in yet').waitFor()
})

test('under another name of this machine the page goes to its own address, with its code', async () => {
  const page = await context.newPage()
  await page.goto(link().replace('127.0.0.1', 'localhost'))
  await isLive(page)
  expect(page.url()).toBe(relay.url)
})

interface Rogue extends AsyncDisposable {
  url: string
  /** The requests that browsers sent. */
  got: { path: string; headers: IncomingHttpHeaders; body: string }[]
}

/** Somebody else's program. @param answer - Gives body and headers for a path. */
async function rogueServer(
  port: number,
  answer: (path: string, body: string) => Promise<[string, string]>,
): Promise<Rogue> {
  const got: Rogue['got'] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      const path = request.url ?? ''
      got.push({ path, headers: request.headers, body })
      void respond()
      async function respond(): Promise<void> {
        const [type, text] = await answer(path, body).catch(() => ['text/plain', ''] as const)
        // To be kept as long as a browser can be made to.
        response.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
        response.setHeader('Content-Type', type)
        response.end(text)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${bound}/`,
    got,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const ROGUE_PAGE = '<!doctype html><title>rogue</title>'

test('a server on another port gets nothing: no cookie, no key, no answer of the relay', async () => {
  const inbox = await letIn()
  await post('private')
  await inbox.locator('article', { hasText: 'private' }).waitFor()
  await using rogue = await rogueServer(0, async () => ['text/html', ROGUE_PAGE])
  const page = await context.newPage()
  await page.goto(rogue.url)
  const found = await page.evaluate(`(async () => {
    const tried = (path, asked) => fetch(${JSON.stringify(relay.url)} + path, asked).then(
      () => 'read', () => 'refused')
    return {
      cookie: document.cookie,
      databases: (await indexedDB.databases()).length,
      answers: await Promise.all([
        tried('', { credentials: 'include' }),
        tried('api/v1/posts', { credentials: 'include' }),
        tried('api/v1/page/challenges', { method: 'POST', body: '{}' }),
        tried('api/v1/page/keys', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }),
      ]),
    }
  })()`)
  expect(found).toEqual({
    cookie: '',
    databases: 0,
    answers: ['refused', 'refused', 'refused', 'refused'],
  })
  for (const { headers } of rogue.got) {
    expect(headers.cookie).toBeUndefined()
    expect(headers.authorization).toBeUndefined()
  }
})

test('a server that takes the old port gets no signature from an open tab, not even by asking the relay for its challenges', async () => {
  const page = await letIn()
  const { port } = relay.relay
  await relay[Symbol.asyncDispose]()
  // It passes on what the relay says, wherever that is now.
  let behind = ''
  await using rogue = await rogueServer(port, async (path, body) => {
    const target = new URL(path, behind)
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(target, body === '' ? {} : { method: 'POST', body, headers })
    return [answer.headers.get('content-type') ?? '', await answer.text()]
  })
  await start()
  behind = relay.url
  expect(relay.relay.port).not.toBe(port)
  await page.locator('#connection[data-state=refused]').waitFor()
  expect(rogue.got.map(({ path }) => path)).not.toContain('/api/v1/page/sessions')
  // What it did get: the session that the page had with the earlier run.
  for (const { headers } of rogue.got) {
    const answer = await fetch(new URL('api/v1/posts', relay.url), {
      headers: { authorization: headers.authorization ?? 'page x' },
    })
    expect(answer.status).toBe(403)
  }
})

/** Runs in the rogue's page: what it can make the key do while it has the port. */
const USE_KEY = `(async () => {
  const open = indexedDB.open('jupyterpost')
  await new Promise((done) => (open.onsuccess = done))
  const get = open.result.transaction('page').objectStore('page').get('access')
  await new Promise((done) => (get.onsuccess = done))
  const { pair } = get.result
  const exported = await crypto.subtle.exportKey('jwk', pair.privateKey).then(() => 'exported', () => 'refused')
  const text = new TextEncoder().encode(STATEMENT)
  const bytes = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, text)
  const signature = btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  return { exported, signature }
})()`

const WORKER = `self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', (event) => {
  if (event.request.mode === 'navigate')
    event.respondWith(new Response(${JSON.stringify(ROGUE_PAGE)}, { headers: { 'Content-Type': 'text/html' } }))
})`

test('a server that had the old port for a while keeps nothing of use: no key, no signature, no cache, no worker', async () => {
  const page = await letIn()
  const { url } = relay
  await relay[Symbol.asyncDispose]()
  const signatures: string[] = []
  {
    await using rogue = await rogueServer(Number(new URL(url).port), async (path) =>
      path === '/worker.js' ? ['text/javascript', WORKER] : ['text/html', ROGUE_PAGE],
    )
    await page.goto(rogue.url)
    for (const n of [1, 2]) {
      const text = JSON.stringify(['jupyterpost inbox page', 'page', url, 'x', 'y', 'z', `${n}`])
      const used = await page.evaluate(USE_KEY.replace('STATEMENT', JSON.stringify(text)))
      const { exported, signature } = z
        .object({ exported: z.string(), signature: z.string() })
        .parse(used)
      expect(exported).toBe('refused')
      signatures.push(signature)
    }
    await page.evaluate(
      `navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)`,
    )
  }
  await start()
  expect(relay.url).toBe(url)
  for (const signature of signatures) {
    const answer = await ask(url, 'sessions', { challenge: 'c'.repeat(32), signature })
    expect(answer.status).toBe(403)
  }
  // The worker answers once more; the request that the browser makes instead then ends it.
  await page.goto(url)
  await isLive(page)
  expect(await page.title()).toBe('jupyterpost inbox')
  await expect(
    page.evaluate('navigator.serviceWorker.getRegistrations().then((all) => all.length)'),
  ).resolves.toBe(0)
})

/** Runs in the rogue's page: plants a key that it knows in place of the page's own. */
const PLANT_KEY = `(async () => {
  const name = { name: 'ECDSA', namedCurve: 'P-256' }
  const made = await crypto.subtle.generateKey(name, true, ['sign', 'verify'])
  const jwk = await crypto.subtle.exportKey('jwk', made.privateKey)
  const privateKey = await crypto.subtle.importKey('jwk', jwk, name, false, ['sign'])
  const pair = { privateKey, publicKey: made.publicKey }
  const open = indexedDB.open('jupyterpost', 1)
  open.onupgradeneeded = () => open.result.createObjectStore('page')
  await new Promise((done) => (open.onsuccess = done))
  const rows = open.result.transaction('page', 'readwrite').objectStore('page')
  const put = rows.put({ pair, relay: { x: jwk.x, y: jwk.y } }, 'access')
  await new Promise((done) => (put.onsuccess = done))
  return { x: jwk.x, y: jwk.y }
})()`

test.each(['a browser that was let in before', 'a browser that never was'])(
  'a key that a server at the old port left in %s is not let in by the next link',
  async (browser) => {
    const page = browser.includes('never') ? await context.newPage() : await letIn()
    const { url } = relay
    await relay[Symbol.asyncDispose]()
    let planted
    {
      await using rogue = await rogueServer(Number(new URL(url).port), async () => [
        'text/html',
        ROGUE_PAGE,
      ])
      await page.goto(rogue.url)
      planted = PagePublicKey.parse(await page.evaluate(PLANT_KEY))
    }
    await start()
    expect(relay.url).toBe(url)
    await page.goto(link())
    await isLive(page)
    const id = createHash('sha256').update(thumbprintText(planted)).digest('base64url')
    const answer = await ask(url, 'challenges', { key: id, nonce: 'n'.repeat(32) })
    expect(answer.status).toBe(403)
  },
)

test.each([
  ['of another version', `indexedDB.open('jupyterpost', 7)`],
  ['without a table', `indexedDB.open('jupyterpost', 1)`],
  [
    'with no key in it',
    `(() => {
      const open = indexedDB.open('jupyterpost', 1)
      open.onupgradeneeded = () => open.result.createObjectStore('page').put({ pair: {}, relay: 1 }, 'access')
      return open
    })()`,
  ],
])(
  'a database %s, left by a server at the old port, does not keep the page shut',
  async (_, open) => {
    const { url } = relay
    await relay[Symbol.asyncDispose]()
    const page = await context.newPage()
    {
      await using rogue = await rogueServer(Number(new URL(url).port), async () => [
        'text/html',
        ROGUE_PAGE,
      ])
      await page.goto(rogue.url)
      await page.evaluate(`new Promise((done) => (${open}.onsuccess = () => done()))`)
    }
    await start()
    // Not the plain address, because the browser has cached that.
    await page.goto(`${relay.url}?shown=anew`)
    await page.getByText('This browser is not let in yet').waitFor()
    await page.goto(link())
    await isLive(page)
    await page.reload()
    await isLive(page)
  },
)

test('once a browser is let in, the plain address shows nothing that a server at the old port made it keep', async () => {
  const { url } = relay
  await relay[Symbol.asyncDispose]()
  const page = await context.newPage()
  {
    await using rogue = await rogueServer(Number(new URL(url).port), async () => [
      'text/html',
      ROGUE_PAGE,
    ])
    await page.goto(rogue.url)
  }
  await start()
  await page.goto(link())
  await isLive(page)
  const tab = await context.newPage()
  await tab.goto(url)
  await isLive(tab)
  expect(await tab.title()).toBe('jupyterpost inbox')
})

test('what a server at the old port made the browser keep is not shown for a link of the relay', async () => {
  const { url } = relay
  await relay[Symbol.asyncDispose]()
  const page = await context.newPage()
  {
    await using rogue = await rogueServer(Number(new URL(url).port), async (path) =>
      path.includes('main.js')
        ? ['text/javascript', 'document.title = "rogue"']
        : ['text/html', `${ROGUE_PAGE}<script type=module src=main.js></script>`],
    )
    await page.goto(rogue.url)
    expect(await page.title()).toBe('rogue')
    expect(rogue.got.map(({ path }) => path)).toContain('/main.js')
  }
  await start()
  await page.goto(link())
  await isLive(page)
  expect(await page.title()).toBe('jupyterpost inbox')
})
