// The relay's own search for secrets: masks, before anything is stored, what a client missed or was
// not allowed to send unmasked. It goes by their look alone: only the kernel knows the values of
// variables.
import type { Block, PostFile, PostManifest } from '../../post/contract/schema.ts'
import type { Offload } from '../offload/offload.ts'

/** Who may post secrets unmasked, with `--no-mask`: names of people, or everyone. */
export type Unmasked = 'everyone' | readonly string[]

export interface MaskedPost {
  blocks: Block[]
  files: PostFile[]
  /** For the receipt. */
  notices: string[]
}

export class MaskingPolicy {
  readonly #unmasked: Unmasked
  readonly #offload: Offload

  constructor(unmasked: Unmasked, offload: Offload) {
    this.#unmasked = unmasked
    this.#offload = offload
  }

  /** @param person - Name of the sender. */
  async apply(
    person: string,
    { blocks, mask }: Pick<PostManifest, 'blocks' | 'mask'>,
    files: readonly PostFile[],
  ): Promise<MaskedPost> {
    const wish = mask === 'off'
    if (wish && this.#grants(person)) return { blocks, files: [...files], notices: [] }
    const { count, notices, ...masked } = await this.#offload.mask(blocks, files)
    if (!wish || count === 0) return { ...masked, notices }
    const refusal = 'this relay grants --no-mask to others only, ask its admin'
    return { ...masked, notices: notices.map((notice) => `${notice}: ${refusal}`) }
  }

  #grants(person: string): boolean {
    return this.#unmasked === 'everyone' || this.#unmasked.includes(person)
  }
}
