// How the inbox page of a local relay proves who it is: what its link holds, and what relay and
// page sign when they meet again (docs/security.md). This file is in the page's bundle, so it
// imports nothing.

/** Algorithm of both keys; all browsers have had it for years. */
export const PAGE_KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const
export const PAGE_SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const

/** The public half of a P-256 key: two numbers of 32 bytes, in base64url. */
export interface PublicKey {
  x: string
  y: string
}

/** RFC 7638: the thumbprint of a key is the SHA-256 of this text. */
export function thumbprintText({ x, y }: PublicKey): string {
  return JSON.stringify({ crv: PAGE_KEY.namedCurve, kty: 'EC', x, y })
}

/** What a signature covers: one meeting of one page with one run of one relay, at one address. */
export interface Meeting {
  /** `http://127.0.0.1:PORT`, as each side knows it. */
  origin: string
  /** Thumbprint of the relay's key. */
  relay: string
  /** Names one run of the relay. */
  instance: string
  /** Thumbprint of the page's key. */
  key: string
  /** Random, made by the page for each meeting. */
  nonce: string
  /** Random, made by the relay for each meeting and accepted once. */
  challenge: string
}

/** The text to sign. It is JSON, so that text in one field cannot pass for another field. */
export function statement(by: 'relay' | 'page', meeting: Meeting): string {
  const { origin, relay, instance, key, nonce, challenge } = meeting
  const fields = [origin, relay, instance, key, nonce, challenge]
  return JSON.stringify(['jupyterpost inbox page', by, ...fields])
}

/** What a link holds after its `#`: the post to show, and a code that lets in one browser, once. */
export interface Fragment {
  post?: string | undefined
  code?: string | undefined
}

const MARK = '.'

export function fragmentText({ post = '', code }: Fragment): string {
  const shown = encodeURIComponent(post).replaceAll(MARK, '%2E')
  return code === undefined ? `#${shown}` : `#${shown}${MARK}${code}`
}

/** @param hash - `location.hash`. If it is not valid percent-encoding, it names no post. */
export function readFragment(hash: string): Fragment {
  const [shown = '', code] = hash.replace(/^#/, '').split(MARK, 2)
  return { post: decoded(shown) || undefined, code: code || undefined }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return '' // URIError
  }
}
