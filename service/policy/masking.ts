// The relay's own look for secrets: what a client missed, or sends unmasked without being allowed to, is masked before it is stored.
// By their look alone: values of variables are known to the kernel only.
import { setImmediate } from 'node:timers/promises'

import { Masker } from '../../post/mask.ts'
import type { Block, PostFile, PostManifest } from '../../post/schema.ts'

/** Who may post secrets as they are, with `--no-mask`: names of people, or everyone. */
export type Unmasked = 'everyone' | readonly string[]

export interface MaskedPost {
  blocks: Block[]
  files: PostFile[]
  /** For the receipt. */
  notices: string[]
}

export class MaskingPolicy {
  readonly #unmasked: Unmasked

  constructor(unmasked: Unmasked) {
    this.#unmasked = unmasked
  }

  /** @param person - Name of the sender. */
  async apply(
    person: string,
    { blocks, mask }: Pick<PostManifest, 'blocks' | 'mask'>,
    files: readonly PostFile[],
  ): Promise<MaskedPost> {
    const wish = mask === 'off'
    if (wish && this.#grants(person)) return { blocks, files: [...files], notices: [] }
    const masker = new Masker()
    const masked: Pick<MaskedPost, 'blocks' | 'files'> = {
      blocks: masker.blocks(blocks),
      files: [],
    }
    for (const file of files) {
      // Large files take time: other requests are served between them.
      await setImmediate()
      masked.files.push(masker.file(file))
    }
    if (!wish || masker.count === 0) return { ...masked, notices: masker.notices }
    const refusal = 'this relay grants --no-mask to others only, ask its admin'
    return { ...masked, notices: masker.notices.map((notice) => `${notice}: ${refusal}`) }
  }

  #grants(person: string): boolean {
    return this.#unmasked === 'everyone' || this.#unmasked.includes(person)
  }
}
