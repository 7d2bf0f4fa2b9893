// How the inbox page of a local relay shows who it is: what its link holds, and what the relay and the page sign when they meet again
// (docs/security.md). The page has this file in its bundle: it imports nothing.

/** Both keys: what every browser has had for years. */
export const PAGE_KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const
export const PAGE_SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const

/** The public half of a key of P-256, base64url of 32 bytes each. */
export interface PublicKey {
  x: string
  y: string
}

/** RFC 7638: what the SHA-256 of a key is taken of. */
export function thumbprintText({ x, y }: PublicKey): string {
  return JSON.stringify({ crv: PAGE_KEY.namedCurve, kty: 'EC', x, y })
}

/** All that a signature is good for: one meeting of one page with one run of one relay, at one address. */
export interface Meeting {
  /** `http://127.0.0.1:PORT`, each side its own. */
  origin: string
  /** Thumbprint of the relay's key. */
  relay: string
  /** The run of the relay. */
  instance: string
  /** Thumbprint of the page's key. */
  key: string
  /** Made anew by the page. */
  nonce: string
  /** Made anew by the relay, which takes it once. */
  challenge: string
}

/** What is signed. JSON: no text in a field can pass for another field. */
export function statement(by: 'relay' | 'page', meeting: Meeting): string {
  const { origin, relay, instance, key, nonce, challenge } = meeting
  const fields = [origin, relay, instance, key, nonce, challenge]
  return JSON.stringify(['jupyterpost inbox page', by, ...fields])
}

/** What a link says behind its `#`: which post to show, and a code that lets one browser in, once. */
export interface Fragment {
  post?: string | undefined
  code?: string | undefined
}

const MARK = '.'

export function fragmentText({ post = '', code }: Fragment): string {
  const shown = encodeURIComponent(post).replaceAll(MARK, '%2E')
  return code === undefined ? `#${shown}` : `#${shown}${MARK}${code}`
}

/** @param hash - `location.hash`; what is no percent-encoding names no post. */
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
