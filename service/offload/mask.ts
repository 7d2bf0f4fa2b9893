// Masks what a post contains, as data: blocks, names of files, and the bytes of text files.

import { isMaskable, Masker } from '../../post/secrets/mask.ts'
import type { Block, PostFile } from '../../post/contract/schema.ts'
import { sha256 } from '../storage/digest.ts'

export interface MaskedContent {
  blocks: Block[]
  files: PostFile[]
  /** SHA-256 of the files that were searched. */
  digests: (string | undefined)[]
  /** How many different secrets were masked, and the notices that say so. */
  count: number
  notices: string[]
}

export function maskPost(blocks: readonly Block[], files: readonly PostFile[]): MaskedContent {
  const masker = new Masker()
  const masked = { blocks: masker.blocks(blocks), files: files.map((file) => masker.file(file)) }
  const digests = masked.files.map((file) => (isMaskable(file) ? sha256(file.bytes) : undefined))
  return { ...masked, digests, count: masker.count, notices: masker.notices }
}
