// The relay's own look for secrets: what a client missed, or sends unmasked without being allowed to, is masked before it is stored. By
// their look alone: values of variables are known to the kernel only. HTML is read at the same time, because it can hide them.
import type { Block, Limits, PostFile, PostManifest } from '../../post/contract/schema.ts'
import type { Offload } from '../offload/offload.ts'

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
  readonly #offload: Offload
  readonly #limits: Limits

  constructor(unmasked: Unmasked, offload: Offload, limits: Limits) {
    this.#unmasked = unmasked
    this.#offload = offload
    this.#limits = limits
  }

  /** @param person - Name of the sender. @returns The post without HTML. */
  async apply(
    person: string,
    { blocks, mask }: Pick<PostManifest, 'blocks' | 'mask'>,
    files: PostFile[],
  ): Promise<MaskedPost> {
    const wish = mask === 'off'
    const isGranted = wish && this.#grants(person)
    if (isGranted && !blocks.some(({ type }) => type === 'html'))
      return { blocks, files, notices: [] }
    const limits = this.#limits
    const sent = { blocks, files, limits, masked: !isGranted }
    const { count, notices, digests: _, ...masked } = await this.#offload.content(sent)
    if (!wish || count === 0) return { ...masked, notices }
    const refusal = 'this relay grants --no-mask to others only, ask its admin'
    return { ...masked, notices: notices.map((notice) => `${notice}: ${refusal}`) }
  }

  #grants(person: string): boolean {
    return this.#unmasked === 'everyone' || this.#unmasked.includes(person)
  }
}
