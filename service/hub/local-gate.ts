// The gate of the local relay: one person, one token made at start; for the page, the secret of a
// session that it opened with its key.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

import { relayProof } from '../../post/relay/relay-file.ts'
import type { Person } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import { tokenOf } from './gate.ts'
import type { Gate, Use } from './gate.ts'
import { PageAccess } from './page-access.ts'
import type { PageKeys } from './page-keys.ts'

export class LocalGate implements Gate {
  /** Names this run of the relay, for `relay.json`. */
  readonly instance = randomBytes(16).toString('hex')
  readonly token = randomBytes(32).toString('base64url')
  readonly page: PageAccess
  readonly #person: Person

  constructor(person: string, keys: PageKeys, now: () => number) {
    this.#person = { name: person, groups: [] }
    this.page = new PageAccess({ keys, instance: this.instance, now })
  }

  async identify(headers: IncomingHttpHeaders, use: Use): Promise<Person> {
    const token = tokenOf(headers)
    if (token !== undefined) {
      if (same(token, this.token)) return this.#person
      throw new RelayError('bad_token', 'The token is not the one in relay.json of this relay')
    }
    const secret = pageSecretOf(headers)
    if (secret === undefined) {
      throw new RelayError(
        'no_token',
        'Expected the header `Authorization: token X` with the token of relay.json; to read the inbox in a browser, open the link that `jupyterpost inbox` prints',
      )
    }
    if (headers.host !== this.page.host || !this.page.isOpen(secret))
      throw new RelayError('bad_key', 'This page was not let in by this run of the relay')
    if (use !== 'read' && use !== 'reply')
      throw new RelayError(
        'no_token',
        'The page can only read and reply: anything else needs the token',
      )
    return this.#person
  }

  /** Shows a client that this is the relay of `relay.json`, before the client sends anything. */
  proof(nonce: string): string {
    return relayProof(this.token, nonce, this.instance)
  }
}

/** From `Authorization: page X`: browsers never send it by themselves, whatever other pages do. */
function pageSecretOf(headers: IncomingHttpHeaders): string | undefined {
  return /^page ([\w-]{1,200})$/i.exec(headers.authorization ?? '')?.[1]
}

function same(a: string, b: string): boolean {
  // Hashed, because timingSafeEqual needs equal lengths.
  return timingSafeEqual(
    createHash('sha256').update(a).digest(),
    createHash('sha256').update(b).digest(),
  )
}
