// The gate of the local relay: one person, one token made at start, and for the page a cookie that a one-time link is exchanged for.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

import { relayProof } from '../../post/relay-file.ts'
import type { Person } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import { tokenOf } from './gate.ts'
import type { Gate, Use } from './gate.ts'

/** A link that nobody opened is dead after 10 minutes. */
const LINK_MS = 10 * 60_000
/** Of links not opened yet; the oldest are dropped. */
const MOST_LINKS = 20

export class LocalGate implements Gate {
  /** Names this run of the relay, for `relay.json`. */
  readonly instance = randomBytes(16).toString('hex')
  readonly token = randomBytes(32).toString('base64url')
  readonly #person: Person
  readonly #now: () => number
  readonly #links = new Map<string, number>()

  constructor(person: string, now: () => number) {
    this.#person = { name: person, groups: [] }
    this.#now = now
  }

  async identify(headers: IncomingHttpHeaders, use: Use): Promise<Person> {
    const token = tokenOf(headers)
    if (token !== undefined) {
      if (same(token, this.token)) return this.#person
      throw new RelayError('bad_token', 'The token is not the one in relay.json of this relay')
    }
    const mayHaveCookie = use === 'read' || (use === 'reply' && isOwnPage(headers))
    if (mayHaveCookie && this.#hasCookie(headers.cookie)) return this.#person
    throw new RelayError(
      'no_token',
      'Expected the header `Authorization: token X` with the token of relay.json; to read the inbox in a browser, open the link that `jupyterpost inbox` prints',
    )
  }

  /** For a client that must know that it talks to the relay of `relay.json` before it sends anything. */
  proof(nonce: string): string {
    return relayProof(this.token, nonce, this.instance)
  }

  /** A secret that `open` exchanges once for the cookie. */
  makeLink(): string {
    const secret = randomBytes(24).toString('base64url')
    this.#links.set(secret, this.#now() + LINK_MS)
    for (const oldest of this.#links.keys()) {
      if (this.#links.size <= MOST_LINKS) break
      this.#links.delete(oldest)
    }
    return secret
  }

  /** The cookie for a link's secret; undefined if it was used, is too old or was never made. */
  open(secret: string): { name: string; value: string } | undefined {
    const until = this.#links.get(secret)
    this.#links.delete(secret)
    if (until === undefined || until < this.#now()) return undefined
    return { name: this.#cookieName, value: this.#cookieValue }
  }

  /** Ports share cookies, so relays of several users or clones need names of their own. */
  get #cookieName(): string {
    return `jupyterpost-${this.instance.slice(0, 8)}`
  }

  get #cookieValue(): string {
    return createHmac('sha256', this.token).update('cookie').digest('base64url')
  }

  #hasCookie(header: string | undefined): boolean {
    const start = `${this.#cookieName}=`
    const cookie = header?.split(/; */).find((part) => part.startsWith(start))
    return cookie !== undefined && same(cookie.slice(start.length), this.#cookieValue)
  }
}

/**
 * Sent by a script of this relay's own page, and by nothing else: browsers write these headers themselves, pages cannot. Another port of
 * this machine is the same site and would get the cookie, but is another origin; JSON is nothing that a form can send.
 */
function isOwnPage(headers: IncomingHttpHeaders): boolean {
  const { host, origin, 'sec-fetch-site': site, 'content-type': type = '' } = headers
  const isJson = /^application\/json *(?:;|$)/i.test(type)
  return isJson && site === 'same-origin' && host !== undefined && origin === `http://${host}`
}

function same(a: string, b: string): boolean {
  // Hashes have one length, which timingSafeEqual asks for.
  return timingSafeEqual(
    createHash('sha256').update(a).digest(),
    createHash('sha256').update(b).digest(),
  )
}
