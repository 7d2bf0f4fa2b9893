// The bytes of a file inside the relay: in memory if they are few, else in a file on the disk,
// which is read in pieces wherever that is enough.
import { createHash } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'

import type { PostFile } from '../../post/contract/schema.ts'

const PIECE = 64 * 1024

/** Plain data, so it can go to a thread. Its file is never changed. */
export interface DiskBytes {
  path: string
  byteLength: number
  sha256: string
}

export type Bytes = Uint8Array | DiskBytes

export interface RelayFile extends Omit<PostFile, 'bytes'> {
  bytes: Bytes
}

export function isOnDisk(bytes: Bytes): bytes is DiskBytes {
  return 'path' in bytes
}

/** All of them in memory. */
export async function wholeOf(bytes: Bytes): Promise<Uint8Array> {
  return isOnDisk(bytes) ? readFile(bytes.path) : bytes
}

/** The first of them, at most so many. */
export async function headOf(bytes: Bytes, most: number): Promise<Uint8Array> {
  if (!isOnDisk(bytes)) return bytes.subarray(0, most)
  const head = Buffer.alloc(Math.min(most, bytes.byteLength))
  const file = await open(bytes.path)
  try {
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** One piece after another, in the same memory: a piece is to be used before the next is read. */
export async function* piecesOf(bytes: Bytes): AsyncGenerator<Uint8Array> {
  if (!isOnDisk(bytes)) {
    yield bytes
    return
  }
  const piece = Buffer.alloc(PIECE)
  const file = await open(bytes.path)
  try {
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, PIECE)
      if (bytesRead === 0) return
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** Adds the bytes to a hash. */
export async function hashBytes(hash: ReturnType<typeof createHash>, bytes: Bytes): Promise<void> {
  for await (const piece of piecesOf(bytes)) hash.update(piece)
}
