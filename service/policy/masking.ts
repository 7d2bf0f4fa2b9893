// The relay's own search for secrets: masks, before anything is stored, what a client missed or was
// not allowed to send unmasked. It goes by their look alone: only the kernel knows the values of
// variables. HTML is read at the same time, because it can hide secrets.
import type { Block, Limits, PostManifest } from '../../post/contract/schema.ts'
import type { Offload } from '../offload/offload.ts'
import type { RelayFile } from '../storage/bytes.ts'

/** Who may post secrets unmasked, with `--no-mask`: names of people, or everyone. */
export type Unmasked = 'everyone' | readonly string[]

export interface MaskedPost {
  blocks: Block[]
  files: RelayFile[]
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
    files: RelayFile[],
  ): Promise<MaskedPost> {
    const wish = mask === 'off'
    const isGranted = wish && this.#grants(person)
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
