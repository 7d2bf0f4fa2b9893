// SHA-256 of the bytes of files, in hexadecimal digits. What is known of a buffer stays with it: 64 MB take a tenth of a second to hash, and
// a post's files are hashed for its request, its storage and its conversion.
import { createHash } from 'node:crypto'

const known = new WeakMap<Uint8Array, string>()

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

export function digestOf(bytes: Uint8Array): string {
  let digest = known.get(bytes)
  if (digest === undefined) {
    digest = sha256(bytes)
    known.set(bytes, digest)
  }
  return digest
}

/** The bytes come from where their digest was made or stored. */
export function knowDigest(bytes: Uint8Array, digest: string): void {
  known.set(bytes, digest)
}
