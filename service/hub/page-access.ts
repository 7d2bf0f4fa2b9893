// Who may see the page of a local relay. A one-time code lets a browser's key in; with that key the
// page opens a session, whose secret exists only in its memory and ours. All but the keys ends with
// this run of the relay: whatever was overheard is useless in the next.
import { createHash, randomBytes } from 'node:crypto'

import { fragmentText, statement } from '../../post/contract/page-access.ts'
import type { Meeting, PublicKey } from '../../post/contract/page-access.ts'
import { RelayError } from '../errors.ts'
import { isKey } from './page-keys.ts'
import type { PageKeys } from './page-keys.ts'

/** An unused code expires after 10 minutes. */
const CODE_MS = 10 * 60_000
const CHALLENGE_MS = 60_000
/** Enough for several `jupyterpost inbox` and a busy notebook's receipts; the oldest go. */
const MOST_CODES = 2000
const MOST_CHALLENGES = 200
const MOST_SESSIONS = 200

export interface PageAccessDeps {
  keys: PageKeys
  /** Names this run of the relay. */
  instance: string
  now: () => number
}

interface Expected extends Meeting {
  madeAt: number
}

export class PageAccess {
  readonly #deps: PageAccessDeps
  /** By SHA-256 of the code: when it was made. */
  readonly #codes = new Map<string, number>()
  readonly #challenges = new Map<string, Expected>()
  /** By SHA-256 of the secret: the key's id. */
  readonly #sessions = new Map<string, string>()
  /** Keys that have opened a session; never more than were let in. */
  readonly #visitors = new Set<string>()
  #port = 0

  constructor(deps: PageAccessDeps) {
    this.#deps = deps
  }

  /** Call it once the port is bound. */
  listensAt(port: number): void {
    this.#port = port
  }

  /** Another name of this machine is another origin, where other programs may listen. */
  get host(): string {
    return `127.0.0.1:${this.#port}`
  }

  get origin(): string {
    return `http://${this.host}`
  }

  /**
   * Address of the page, or of one post in it, with a code that lets one browser in. `?run=` is
   * new in each run of the relay, so that the browser never shows what another program made it
   * keep for our address.
   */
  link(post?: string): string {
    const code = randomBytes(24).toString('base64url')
    this.#codes.set(hash(code), this.#deps.now())
    keepNewest(this.#codes, MOST_CODES)
    return `?run=${this.run}${fragmentText({ post, code })}`
  }

  /** Part of the address of everything the page loads; not a secret. */
  get run(): string {
    return this.#deps.instance.slice(0, 12)
  }

  /**
   * Lets a key in.
   *
   * @returns what the page needs to recognise the relay.
   * @throws {RelayError} `bad_code`, `bad_request`
   */
  async admit(code: string, key: PublicKey): Promise<{ key: string; relay: PublicKey }> {
    if (!isKey(key)) throw new RelayError('bad_request', 'Expected a point of the curve P-256')
    const name = hash(code)
    const madeAt = this.#codes.get(name)
    this.#codes.delete(name)
    if (madeAt === undefined || !this.#isYoung(madeAt, CODE_MS)) {
      throw new RelayError(
        'bad_code',
        'This link was used before, or is older than 10 minutes. `jupyterpost inbox` prints a new one',
      )
    }
    return { key: await this.#deps.keys.add(key, this.#port), relay: this.#deps.keys.relayKey }
  }

  /** The relay proves itself first: a page signs for no other. @throws {RelayError} `bad_key` */
  challenge(key: string, nonce: string): { meeting: Meeting; signature: string } {
    const { keys, instance, now } = this.#deps
    if (!keys.has(key, this.#port)) throw unknownKey()
    const meeting: Meeting = {
      origin: this.origin,
      relay: keys.relayId,
      instance,
      key,
      nonce,
      challenge: randomBytes(24).toString('base64url'),
    }
    this.#challenges.set(meeting.challenge, { ...meeting, madeAt: now() })
    keepNewest(this.#challenges, MOST_CHALLENGES)
    return { meeting, signature: keys.sign(statement('relay', meeting)) }
  }

  /**
   * Gives a secret to a page that has signed its challenge.
   *
   * @returns `isFirst`: this browser has not been here in this run, and another program may have
   *   had the address before it.
   * @throws {RelayError} `bad_key`
   */
  async open(challenge: string, signature: string): Promise<{ secret: string; isFirst: boolean }> {
    const expected = this.#challenges.get(challenge)
    this.#challenges.delete(challenge)
    if (!expected || !this.#isYoung(expected.madeAt, CHALLENGE_MS)) throw unknownKey()
    const { key } = expected
    const text = statement('page', expected)
    if (!(await this.#deps.keys.isSigned(key, this.#port, text, signature))) throw unknownKey()
    const secret = randomBytes(32).toString('base64url')
    const isFirst = !this.#visitors.has(key)
    this.#visitors.add(key)
    this.#sessions.set(hash(secret), key)
    keepNewest(this.#sessions, MOST_SESSIONS)
    return { secret, isFirst }
  }

  isOpen(secret: string): boolean {
    const name = hash(secret)
    const key = this.#sessions.get(name)
    if (key === undefined) return false
    // As the newest, so that active sessions stay.
    this.#sessions.delete(name)
    this.#sessions.set(name, key)
    return true
  }

  /** Withdraws all keys, codes and sessions. @returns The number of keys. */
  async forget(): Promise<number> {
    this.#codes.clear()
    this.#challenges.clear()
    this.#sessions.clear()
    this.#visitors.clear()
    return this.#deps.keys.forget()
  }

  /** After a clock was set back it counts as too old, rather than as young for longer. */
  #isYoung(madeAt: number, ms: number): boolean {
    const age = this.#deps.now() - madeAt
    return age >= 0 && age < ms
  }
}

function unknownKey(): RelayError {
  return new RelayError(
    'bad_key',
    'The relay does not know this browser at this address. `jupyterpost inbox` prints a link that lets it in',
  )
}

/** A Map keeps its keys in the order of insertion. */
function keepNewest(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
