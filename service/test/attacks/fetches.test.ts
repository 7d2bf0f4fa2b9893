// Addresses in what people post, by which the relay or the chat might be made to fetch something: a
// server of this machine that must never hear anything.
import { createServer } from 'node:http'
import { expect, test } from '@jest/globals'

import { listening, message, send } from '../helpers/relay.ts'
import { openSite } from './helpers/site.ts'

interface Secret extends AsyncDisposable {
  port: number
  heard: string[]
}

/** What an attacker would like to read: it listens for IPv4 and IPv6. */
async function secretServer(): Promise<Secret> {
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url} ${request.headers.host}`)
    response.writeHead(302, { location: '/latest/meta-data/' }).end('secret')
  })
  const port = await listening(server)
  return {
    port,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Spellings of this machine's address. */
const spellings = (port: number) => [
  `http://127.0.0.1:${port}/a.png`,
  `http://localhost:${port}/a.png`,
  `http://2130706433:${port}/a.png`,
  `http://0x7f.1:${port}/a.png`,
  `http://[::ffff:127.0.0.1]:${port}/a.png`,
  `http://0.0.0.0:${port}/a.png`,
  `//127.0.0.1:${port}/a.png`,
  `HTTP://127.1:${port}/a.png`,
]

const svg = (url: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">
    <image href="${url}" width="9" height="9"/><image xlink:href="${url}" width="9" height="9"/>
    <style>@import url(${url}); rect { fill: url(${url}#a) }</style>
    <rect width="5" height="5"/><use href="${url}#x"/></svg>`

const vega = (url: string) =>
  JSON.stringify({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    data: { url },
    mark: 'point',
    encoding: { x: { field: 'a', type: 'quantitative' } },
  })

const html = (url: string) =>
  `<p>x</p><img src="${url}"><iframe src="${url}"></iframe><link rel="stylesheet" href="${url}">
   <video src="${url}" poster="${url}"></video><object data="${url}"></object><script src="${url}"></script>
   <div style="background: url(${url})">y</div><table background="${url}"><tr><td>z</td></tr></table>`

test('nothing that is named in a post is fetched, however its address is spelled', async () => {
  await using secret = await secretServer()
  await using site = await openSite('eve')
  const urls = spellings(secret.port)
  for (const target of ['lab', 'inbox:@me']) {
    for (const url of urls) {
      const blocks = [
        { type: 'message', text: `<${url}> [b](${url}) ${url}` },
        { type: 'markdown', text: `![a](${url} "t")\n\n[r]: ${url}\n\n![a][r] <img src="${url}">` },
        { type: 'html', html: html(url), text: 'x' },
        { type: 'latex', text: `$\\includegraphics{${url}} \\href{${url}}{x}$` },
        { type: 'image', file: 0 },
        { type: 'image', file: 1 },
        { type: 'table', columns: ['a'], rows: [[`![a](${url})`]] },
      ]
      const files = [
        new File([svg(url)], 'a.svg', { type: 'image/svg+xml' }),
        new File([vega(url)], 'a.vl.json', { type: 'application/json' }),
      ]
      await site.accepted('eve', { targets: [target], blocks }, files)
    }
  }
  const texts = await site.texts(urls.length)
  expect(secret.heard).toEqual([])
  // Pictures from elsewhere are links, or the chat would fetch them for its readers. In a MESSAGE
  // they stay: its author could write the same in the chat.
  for (const text of texts) expect(text).not.toMatch(/!\[[^\]]*\]\((?:https?:)?\/\//i)
  const uploads = site.chat.sent('POST', /^\/files/).map(({ body }) => body.toString('latin1'))
  for (const upload of uploads) expect(upload).not.toContain('<svg')
}, 120_000)

test('a target that is an address is no address to post to', async () => {
  await using secret = await secretServer()
  await using site = await openSite('eve')
  for (const url of [...spellings(secret.port), 'http://169.254.169.254/latest/meta-data/']) {
    for (const target of [url, `mattermost:${url}`, `webhook:${url}`]) {
      const answer = await send(
        { url: site.relay.url, token: 't-eve' },
        message('hello', target.slice(0, 200)),
      )
      expect([400, 404, 429]).toContain(answer.status)
    }
  }
  expect(secret.heard).toEqual([])
  expect(site.chat.state.posts).toEqual([])
})

test('a chat that redirects is not followed, to this machine neither', async () => {
  await using secret = await secretServer()
  await using site = await openSite('eve')
  site.chat.fail(
    'GET',
    /./,
    {
      kind: 'answer',
      status: 302,
      body: '',
      headers: { location: `http://127.0.0.1:${secret.port}/` },
    },
    20,
  )
  await send({ url: site.relay.url, token: 't-eve' }, message('hello', 'lab'))
  expect(secret.heard).toEqual([])
})
