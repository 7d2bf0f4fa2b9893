// What the page does to get in, with HTTP alone: a key of its own, let in by a code, and sessions
// that it opens with it.
import { webcrypto } from 'node:crypto'
import { z } from 'zod'

import {
  PAGE_KEY,
  PAGE_SIGNATURE,
  readFragment,
  statement,
} from '../../../post/contract/page-access.ts'
import type { Meeting, PublicKey } from '../../../post/contract/page-access.ts'

const { subtle } = webcrypto

const Admitted = z.object({ key: z.string() })
const Challenge = z.object({
  meeting: z.object({
    origin: z.string(),
    relay: z.string(),
    instance: z.string(),
    key: z.string(),
    nonce: z.string(),
    challenge: z.string(),
  }),
  signature: z.string(),
})
const Opened = z.object({ secret: z.string() })

export class BrowserKey {
  readonly #pair: webcrypto.CryptoKeyPair
  /** The key's id at the relay that let it in. */
  id = ''

  private constructor(pair: webcrypto.CryptoKeyPair) {
    this.#pair = pair
  }

  static async make(): Promise<BrowserKey> {
    return new BrowserKey(await subtle.generateKey(PAGE_KEY, true, ['sign', 'verify']))
  }

  async public(): Promise<PublicKey> {
    const { x = '', y = '' } = await subtle.exportKey('jwk', this.#pair.publicKey)
    return { x, y }
  }

  /** @param link - From a receipt or from `jupyterpost inbox`. */
  async register(url: string, link: string): Promise<Response> {
    const { code } = readFragment(new URL(link, url).hash)
    const answer = await ask(url, 'keys', { code, key: await this.public() })
    if (answer.ok) this.id = Admitted.parse(await answer.clone().json()).key
    return answer
  }

  async challenge(url: string): Promise<Meeting> {
    const nonce = Buffer.from(webcrypto.getRandomValues(new Uint8Array(24))).toString('base64url')
    const answer = await ask(url, 'challenges', { key: this.id, nonce })
    return Challenge.parse(await answer.json()).meeting
  }

  async sign(meeting: Meeting): Promise<string> {
    const text = Buffer.from(statement('page', meeting))
    const bytes = await subtle.sign(PAGE_SIGNATURE, this.#pair.privateKey, text)
    return Buffer.from(bytes).toString('base64url')
  }

  async open(url: string, meeting: Meeting): Promise<Response> {
    const signature = await this.sign(meeting)
    return ask(url, 'sessions', { challenge: meeting.challenge, signature })
  }

  /** @returns The headers for the page's requests. */
  async signIn(url: string): Promise<{ authorization: string }> {
    const answer = await this.open(url, await this.challenge(url))
    return { authorization: `page ${Opened.parse(await answer.json()).secret}` }
  }
}

export async function ask(
  url: string,
  what: 'keys' | 'challenges' | 'sessions',
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(new URL(`api/v1/page/${what}`, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
