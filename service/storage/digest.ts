// SHA-256 of the bytes of files, in hexadecimal digits. Each buffer is hashed once: 64 MB take a
// tenth of a second, and a post's files need it for the request, the storage and the conversion.
import { createHash } from 'node:crypto'

import { isOnDisk } from './bytes.ts'
import type { Bytes } from './bytes.ts'

const known = new WeakMap<Uint8Array, string>()

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

export function digestOf(bytes: Bytes): string {
  if (isOnDisk(bytes)) return bytes.sha256
  let digest = known.get(bytes)
  if (digest === undefined) {
    digest = sha256(bytes)
    known.set(bytes, digest)
  }
  return digest
}

/** For bytes that come from a place where their digest was made or stored. */
export function knowDigest(bytes: Bytes, digest: string): void {
  if (!isOnDisk(bytes)) known.set(bytes, digest)
}
