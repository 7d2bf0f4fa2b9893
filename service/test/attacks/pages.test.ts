// What a page of somebody else can make a person's browser send to the relay: forms and requests
// with cookies, but no token. On a Hub all servers of people share one origin.
import { request } from 'node:http'
import { expect, test } from '@jest/globals'

import { authorized, message } from '../helpers/relay.ts'
import { openSite } from './helpers/site.ts'

/** As browsers send it for a page of a sibling server. */
const BROWSER = {
  cookie: 'jupyterhub-session-id=abc; jupyterhub-hub-login=def; _xsrf=ghi',
  origin: 'http://hub.example',
  referer: 'http://hub.example/user/eve/page.html',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
}

/** Forms of HTML can send these three types only. */
const FORMS = {
  'application/x-www-form-urlencoded': 'message=hello&channel=lab&post=%7B%7D',
  'text/plain': JSON.stringify(message('hello', 'lab')),
  'multipart/form-data; boundary=b': `--b\r\nContent-Disposition: form-data; name="post"\r\n\r\n${JSON.stringify(message('hello', 'lab'))}\r\n--b--\r\n`,
}

test.each(Object.entries(FORMS))(
  'a form of type %s from a page of a sibling server posts nothing',
  async (type, body) => {
    await using site = await openSite('ada')
    for (const path of ['', 'api/v1/posts', 'api/v1/posts?token=t-ada', 'api/v1/identity']) {
      const answer = await fetch(new URL(path, site.relay.url), {
        method: 'POST',
        headers: { ...BROWSER, 'content-type': type },
        body,
      })
      expect({ path, ok: answer.ok }).toEqual({ path, ok: false })
    }
    expect(site.chat.sent('POST', /^\/posts$/)).toEqual([])
  },
)

test('no page of another origin may read or send: the relay allows none', async () => {
  await using site = await openSite('ada')
  for (const origin of ['http://evil.example', 'null', 'http://hub.example']) {
    const asked = await fetch(new URL('api/v1/posts', site.relay.url), {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    })
    const read = await fetch(new URL('api/v1/posts', site.relay.url), {
      headers: { ...authorized('t-ada'), origin },
    })
    for (const { headers } of [asked, read]) {
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('set-cookie')).toBeNull()
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    }
  }
})

test('files of a post are for those who may read it, and no address of one works without a token', async () => {
  await using site = await openSite('ada', 'eve')
  const file = new File(['secret'], 'a.txt')
  const id = await site.accepted(
    'ada',
    { targets: ['inbox:@me'], blocks: [{ type: 'file', file: 0 }] },
    [file],
  )
  const statusOf = async (path: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(site.relay.url)
      const prefix = new URL(site.relay.url).pathname
      // As typed: `fetch` would resolve the dots.
      request({ host: '127.0.0.1', port, path: `${prefix}${path}`, headers }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
  const path = `api/v1/posts/${id}/files/0`
  expect(await statusOf(path, authorized('t-ada'))).toBe(200)
  expect(await statusOf(path, authorized('t-eve'))).toBe(404)
  expect(await statusOf(path, {})).toBe(403)
  expect(await statusOf(`${path}?token=t-ada`, {})).toBe(403)
  for (const end of ['1', '-1', '0/..', '%2e%2e', '..%2f..%2frelay.sqlite', '0%00', '1e0'])
    expect(await statusOf(`api/v1/posts/${id}/files/${end}`, authorized('t-ada'))).toBe(404)
})
