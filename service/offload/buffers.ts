// Buffers that contain one file and nothing else: they are handed to a thread instead of copied.
// Small files share one.

import { isOnDisk } from '../storage/bytes.ts'
import type { Bytes } from '../storage/bytes.ts'

export function ownBuffers(files: readonly { bytes: Bytes }[]): ArrayBuffer[] {
  const buffers = files.flatMap(({ bytes }) => {
    if (isOnDisk(bytes)) return []
    const { buffer, byteLength } = bytes
    const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    return isOwn && byteLength > 0 ? [buffer] : []
  })
  return [...new Set(buffers)]
}
