// Masks what a post holds, as data: blocks, names of files, and the bytes of those that are text.
import { Masker } from '../../post/mask.ts'
import type { Block, PostFile } from '../../post/schema.ts'

export interface MaskedContent {
  blocks: Block[]
  files: PostFile[]
  /** How many different secrets were masked, and how that is said. */
  count: number
  notices: string[]
}

export function maskPost(blocks: readonly Block[], files: readonly PostFile[]): MaskedContent {
  const masker = new Masker()
  const masked = { blocks: masker.blocks(blocks), files: files.map((file) => masker.file(file)) }
  return { ...masked, count: masker.count, notices: masker.notices }
}
