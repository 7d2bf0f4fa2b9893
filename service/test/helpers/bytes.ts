// The bytes of a file that must be in memory.
import { isOnDisk } from '../../storage/bytes.ts'
import type { Bytes } from '../../storage/bytes.ts'

export function inMemory(bytes: Bytes): Uint8Array {
  if (isOnDisk(bytes)) throw new Error(`Expected bytes in memory, got the file ${bytes.path}`)
  return bytes
}

export function textOf(file: { bytes: Bytes } | undefined): string {
  return file === undefined ? '' : Buffer.from(inMemory(file.bytes)).toString()
}
