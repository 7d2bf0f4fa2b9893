// A set-up that is wrong between a program and its relay: the cell, `jupyterpost post`, the doctor
// and Python say the same sentence, which names the setting. The post is kept if what is wrong can
// be mended elsewhere.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startStandIn } from '../../post/test/helpers/relay.ts'
import type { StandIn } from '../../post/test/helpers/relay.ts'
import { temporaryFolder } from '../../service/test/helpers/relay.ts'
import type { Folder } from '../../service/test/helpers/relay.ts'
import { finish } from '../helpers/program.ts'
import { openNotebook } from './helpers/notebook.ts'
import type { Notebook } from './helpers/notebook.ts'
import {
  answering,
  closedPort,
  forwardProxy,
  speaking,
  tlsBefore,
  TRUSTED,
} from './helpers/servers.ts'
import type { Place } from './helpers/servers.ts'

const root = join(import.meta.dirname, '../..')
const MAIN = join(root, 'bin/jupyterpost')
const PYTHON = join(root, '.venv/bin/python')
const TOKEN = 'secret-token'

let folder: Folder
let relay: StandIn
let notebook: Notebook

beforeAll(async () => {
  folder = temporaryFolder()
  relay = await startStandIn()
  notebook = await openNotebook(folder, {})
}, 60_000)

afterAll(async () => {
  await notebook[Symbol.asyncDispose]()
  await relay.close()
  folder[Symbol.dispose]()
})

const portOf = () => Number(new URL(relay.url).port)

interface Asked {
  url: string
  env?: NodeJS.ProcessEnv
}

/** All is new for each call, so that no post of an earlier one waits before it. */
async function jupyterpost(words: string[], { url, env }: Asked): Promise<string> {
  using home = temporaryFolder()
  const address = { JUPYTERPOST_URL: url, JUPYTERPOST_TOKEN: TOKEN }
  const options = { env: { ...home.env, ...address, ...env } }
  const { stdout, stderr } = await finish(process.execPath, [MAIN, ...words], options)
  return stdout + stderr
}

async function python({ url, env }: Asked): Promise<string> {
  using home = temporaryFolder()
  const address = { JUPYTERPOST_URL: url, JUPYTERPOST_TOKEN: TOKEN }
  const code = 'from jupyterpost import post\nprint(post("hi", "@me"))'
  const { stdout, stderr } = await finish(PYTHON, ['-c', code], {
    env: { ...home.env, PYTHONPATH: join(root, 'python'), ...address, ...env },
  })
  return stdout + stderr
}

async function cell({ url }: Asked): Promise<string> {
  const options = JSON.stringify({ message: 'hi', channel: '@me', url, token: TOKEN })
  return (await notebook.run(`await post(${options})`)).text
}

interface Row {
  make(): Promise<Place> | Promise<number>
  url(port: number): string
  says: RegExp
  /** Kept and sent later; otherwise an error. */
  kept: boolean
}

const local = (scheme: string) => (port: number) => `${scheme}://127.0.0.1:${port}/relay/`

const ROWS: Record<string, Row> = {
  'a certificate that nobody here trusts': {
    make: () => tlsBefore('trusted', portOf()),
    url: local('https'),
    says: /the certificate of the relay at \S+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\): .*file in TRUST/,
    kept: true,
  },
  'a certificate for another name': {
    make: () => tlsBefore('other-name', portOf()),
    url: local('https'),
    // Which of the two a library sees first.
    says: /the certificate of the relay at \S+ is (?:not trusted|for another host name)/,
    kept: true,
  },
  'a name that does not exist': {
    make: closedPort,
    url: (port) => `https://no-such-host.invalid:${port}/relay/`,
    says: /the relay at \S+ was not found \(name lookup failed\): check JUPYTERPOST_URL/,
    kept: true,
  },
  'https at a port of http': {
    make: () => answering(200, '{}'),
    url: local('https'),
    says: /the relay at \S+ does not answer in TLS \(EPROTO\): perhaps JUPYTERPOST_URL must begin with http:/,
    kept: true,
  },
  'http at a port of https, which breaks off': {
    make: () => tlsBefore('trusted', portOf()),
    url: local('http'),
    says: /the relay at \S+ broke the connection \(ECONNRESET\): .*JUPYTERPOST_URL must begin with https:/,
    kept: true,
  },
  'http at a port of https, which says so': {
    make: () => answering(400, 'Client sent an HTTP request to an HTTPS server.\n'),
    url: local('http'),
    says: /JUPYTERPOST_URL is wrong: .*not a relay \(400 Bad Request\), or it expects https:/,
    kept: false,
  },
  'something else than HTTP': {
    make: () => speaking('SSH-2.0-OpenSSH_9.2\r\n'),
    url: local('http'),
    says: /the relay at \S+ does not answer in HTTP \(HPE_INVALID_CONSTANT\): .*JUPYTERPOST_URL/,
    kept: true,
  },
  'a port at which nobody listens': {
    make: closedPort,
    url: local('http'),
    says: /the relay at \S+ refuses connections: it does not run, or JUPYTERPOST_URL is wrong/,
    kept: true,
  },
  'a login page': {
    make: () => answering(200, '<!doctype html><title>Sign in</title>'),
    url: local('http'),
    says: /JUPYTERPOST_URL is wrong: .*sent no JSON/,
    kept: false,
  },
  'a redirect to a login': {
    make: () => answering(302, '', { location: 'https://login.example/?next=x' }),
    url: local('http'),
    says: /JUPYTERPOST_URL is wrong: .*it redirects \(302\)/,
    kept: false,
  },
}

test.each(Object.entries(ROWS))(
  '%s is said as such by a cell, the command line, the doctor and Python',
  async (_, { make, url, says, kept }) => {
    const made = await make()
    const asked = { url: url(typeof made === 'number' ? made : made.port) }
    try {
      const said = await Promise.all([
        cell(asked),
        jupyterpost(['post', '@me', 'hi'], asked),
        jupyterpost(['doctor'], asked),
        python(asked),
      ])
      for (const [n, text] of said.entries()) {
        const trust = n === 3 ? 'SSL_CERT_FILE' : 'NODE_EXTRA_CA_CERTS'
        expect(text).toMatch(new RegExp(says.source.replace('TRUST', trust)))
        expect(text).not.toMatch(/secret-token|EPERM|\bin time\b/)
      }
      for (const n of [0, 1, 3]) expect(said[n]?.includes('It is kept and sent')).toBe(kept)
    } finally {
      if (typeof made !== 'number') await made[Symbol.asyncDispose]()
    }
  },
  60_000,
)

test.each([
  ['expired', /is not valid now \(CERT_HAS_EXPIRED\): it must be renewed, or the clock here/],
  ['other-name', /is for another host name \(ERR_TLS_CERT_ALTNAME_INVALID\): check JUPYTERPOST/],
  ['trusted', /Posted to @me \(stand-in\)/],
] as const)(
  'with its authority trusted by name, the certificate %s is told apart in both languages',
  async (certificate, says) => {
    await using server = await tlsBefore(certificate, portOf())
    const file = TRUSTED.replace('trusted', certificate)
    const env = { NODE_EXTRA_CA_CERTS: file, SSL_CERT_FILE: file }
    const asked = { url: local('https')(server.port), env }
    expect(await jupyterpost(['post', '@me', 'hi'], asked)).toMatch(says)
    expect(await python(asked)).toMatch(says)
  },
  60_000,
)

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
    const said = [await jupyterpost(['post', '@me', 'hi'], asked), await python(asked)]
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
  [
    (port: number) => `http://127.0.0.1:${port}`,
    /the proxy http:\S+ refuses connections: .*HTTPS_PROXY is wrong/,
  ],
  [
    () => 'http://no-such-proxy.invalid:3128',
    /the proxy http:\S+ was not found .*check HTTPS_PROXY/,
  ],
  [() => 'socks5://127.0.0.1:1080', /HTTPS_PROXY must be the address of an HTTP proxy/],
  [() => 'http://[', /HTTPS_PROXY must be the address of an HTTP proxy/],
])(
  'a proxy of %s that is not there is named with its variable',
  async (address, says) => {
    const env = { HTTPS_PROXY: address(await closedPort()) }
    const asked = { url: 'https://relay.example/relay/', env }
    const said = [
      await jupyterpost(['post', '@me', 'hi'], asked),
      await jupyterpost(['doctor'], asked),
      await python(asked),
    ]
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
