// The environment's proxy on the way from a program to its relay, in both languages: what goes
// through it, what does not, and what a person reads if it does not lead there.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startStandIn } from '../../post/test/helpers/relay.ts'
import type { StandIn } from '../../post/test/helpers/relay.ts'
import { jupyterpost, python } from './helpers/clients.ts'
import { closedPort, forwardProxy, tlsBefore, TRUSTED } from './helpers/servers.ts'

let relay: StandIn

beforeAll(async () => {
  relay = await startStandIn()
})

afterAll(() => relay.close())

const portOf = () => Number(new URL(relay.url).port)

test.each([
  ['http', 'HTTP_PROXY', /^(GET|POST) http:\/\/relay\.example:\d+\/relay\/api\/v1\//],
  ['http', 'http_proxy', /^(GET|POST) http:\/\/relay\.example:/],
  ['https', 'HTTPS_PROXY', /^CONNECT relay\.example:\d+$/],
  ['https', 'https_proxy', /^CONNECT relay\.example:\d+$/],
])(
  '%s goes through the proxy of %s, in both languages',
  async (scheme, name, passed) => {
    await using proxy = await forwardProxy()
    await using secure = await tlsBefore('trusted', portOf())
    const port = scheme === 'https' ? secure.port : portOf()
    const url = `${scheme}://relay.example:${port}/relay/`
    const env = { [name]: proxy.url, NODE_EXTRA_CA_CERTS: TRUSTED, SSL_CERT_FILE: TRUSTED }
    for (const post of [
      () => jupyterpost(['post', '@me', 'hi'], { url, env }),
      () => python({ url, env }),
    ]) {
      proxy.passed.length = 0
      proxy.logins.length = 0
      expect(await post()).toContain('Posted to @me (stand-in)')
      // The limits and the post.
      expect(proxy.passed.length).toBeGreaterThanOrEqual(2)
      for (const line of proxy.passed) expect(line).toMatch(passed)
      const login = `Basic ${Buffer.from('ada:pr0xy-secret').toString('base64')}`
      expect(new Set(proxy.logins)).toEqual(new Set([login]))
    }
  },
  60_000,
)

test.each([
  ['http://localhost', ''],
  ['http://127.0.0.1', ''],
  ['http://relay.example', 'relay.example'],
  ['http://relay.example', 'other.example, .example'],
  ['http://relay.example', '*'],
])(
  '%s with NO_PROXY=%j does not go through the proxy',
  async (origin, hosts) => {
    await using proxy = await forwardProxy()
    const asked = {
      url: `${origin}:${portOf()}/relay/`,
      env: { HTTP_PROXY: proxy.url, NO_PROXY: hosts },
    }
    // Only the proxy knows the name.
    const says = origin.includes('example') ? 'name lookup failed' : 'Posted to @me'
    const said = await Promise.all([jupyterpost(['post', '@me', 'hi'], asked), python(asked)])
    for (const text of said) expect(text).toContain(says)
    expect(proxy.passed).toEqual([])
  },
  60_000,
)

test('a port in NO_PROXY counts', async () => {
  await using proxy = await forwardProxy()
  const url = `http://relay.example:${portOf()}/relay/`
  const env = { HTTP_PROXY: proxy.url, NO_PROXY: `relay.example:${portOf() + 1}` }
  expect(await jupyterpost(['post', '@me', 'hi'], { url, env })).toContain('Posted to @me')
  env.NO_PROXY = `relay.example:${portOf()}`
  expect(await jupyterpost(['post', '@me', 'hi'], { url, env })).toContain('name lookup failed')
  expect(await python({ url, env })).toContain('name lookup failed')
}, 60_000)

test.each([
  ['http', { status: 407, body: '<html>' }, /the proxy \S+ asks for a login \(407\): .*HTTP_PROXY/],
  ['http', { status: 200, body: '<html>Sign in' }, /the proxy \S+ does not lead to .*HTTP_PROXY/],
  [
    'http',
    { status: 503, body: '<html>' },
    /the proxy \S+ does not lead to .* \(503\).*HTTP_PROXY/,
  ],
  ['https', { status: 407, body: '' }, /the proxy \S+ asks for a login \(407\): .*HTTPS_PROXY/],
  ['https', { status: 403, body: '' }, /the proxy \S+ does not lead to .* \(403\).*HTTPS_PROXY/],
])(
  'a proxy that answers %s with %j is named with its variable',
  async (scheme, own, says) => {
    await using proxy = await forwardProxy()
    proxy.answer = own
    const url = `${scheme}://relay.example:${portOf()}/relay/`
    const asked = { url, env: { [`${scheme.toUpperCase()}_PROXY`]: proxy.url } }
    const said = await Promise.all([
      jupyterpost(['post', '@me', 'hi'], asked),
      jupyterpost(['doctor'], asked),
      python(asked),
    ])
    for (const text of said) {
      expect(text).toMatch(says)
      expect(text).not.toContain('pr0xy-secret')
    }
    expect(said[0]).toContain('It is kept')
    expect(said[2]).toContain('It is kept')
  },
  60_000,
)

test.each([
  ['http://127.0.0.1:PORT', /the proxy http:\S+ refuses connections: .*HTTPS_PROXY is wrong/],
  ['http://no-such-proxy.invalid:3128', /the proxy http:\S+ was not found .*check HTTPS_PROXY/],
  ['socks5://127.0.0.1:1080', /HTTPS_PROXY must be the address of an HTTP proxy/],
  ['http://[', /HTTPS_PROXY must be the address of an HTTP proxy/],
])(
  'a proxy of %s that is not there is named with its variable',
  async (address, says) => {
    const env = { HTTPS_PROXY: address.replace('PORT', String(await closedPort())) }
    const asked = { url: 'https://relay.example/relay/', env }
    const said = await Promise.all([
      jupyterpost(['post', '@me', 'hi'], asked),
      jupyterpost(['doctor'], asked),
      python(asked),
    ])
    for (const text of said) expect(text).toMatch(says)
  },
  60_000,
)

test('a proxy that does not answer is given up within the time of a request, and holds no program', async () => {
  await using proxy = await forwardProxy()
  proxy.hangs = true
  const url = `https://relay.example:${portOf()}/relay/`
  const asked = { url, env: { HTTPS_PROXY: proxy.url } }
  const began = performance.now()
  const said = await Promise.all([jupyterpost(['post', '@me', 'hi'], asked), python(asked)])
  for (const text of said) expect(text).toContain('It is kept')
  expect(performance.now() - began).toBeLessThan(25_000)
}, 60_000)
