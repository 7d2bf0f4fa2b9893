// A set-up that is wrong between a program and its relay: the cell, `jupyterpost post`, the doctor
// and Python say the same sentence, which names the setting. The post is kept if what is wrong can
// be mended elsewhere.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startStandIn } from '../../post/test/helpers/relay.ts'
import type { StandIn } from '../../post/test/helpers/relay.ts'
import { temporaryFolder } from '../../service/test/helpers/relay.ts'
import type { Folder } from '../../service/test/helpers/relay.ts'
import { jupyterpost, python, TOKEN } from './helpers/clients.ts'
import type { Asked } from './helpers/clients.ts'
import { openNotebook } from './helpers/notebook.ts'
import type { Notebook } from './helpers/notebook.ts'
import { answering, closedPort, speaking, tlsBefore, TRUSTED } from './helpers/servers.ts'
import type { Place } from './helpers/servers.ts'

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
    const said = await Promise.all([jupyterpost(['post', '@me', 'hi'], asked), python(asked)])
    for (const text of said) expect(text).toMatch(says)
  },
  60_000,
)
