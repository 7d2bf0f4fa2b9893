// What the audit trail says of content: its hash and size.
import type { Block } from '../../post/contract/schema.ts'
import type { RelayFile } from '../storage/bytes.ts'
import { digestOf, sha256 } from '../storage/digest.ts'

/**
 * SHA-256 of the blocks as they are stored and of each file's own SHA-256, a line each; the size of
 * all of them.
 */
export function hashOf(content: { blocks: readonly Block[]; files: readonly RelayFile[] }): {
  hash: string
  bytes: number
} {
  const { files } = content
  const blocks = JSON.stringify(content.blocks)
  return {
    hash: sha256([blocks, ...files.map(({ bytes }) => digestOf(bytes))].join('\n')),
    bytes: files.reduce((sum, { bytes }) => sum + bytes.byteLength, Buffer.byteLength(blocks)),
  }
}
