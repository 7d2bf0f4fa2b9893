// The relay's own search for secrets: masks, before anything is stored, what a client missed or was
// not allowed to send unmasked. It goes by their look alone: only the kernel knows the values of
// variables. HTML is read at the same time, because it can hide secrets.
import type { Block, Limits, PostManifest } from '../../post/contract/schema.ts'
import type { Person } from '../chat/chat.ts'
import type { Offload } from '../offload/offload.ts'
import type { RelayFile } from '../storage/bytes.ts'
import type { Policy } from './policy.ts'

export interface MaskedPost {
  blocks: Block[]
  files: RelayFile[]
  /** For the receipt. */
  notices: string[]
}

export class MaskingPolicy {
  readonly #policy: Pick<Policy, 'mayUnmask'>
  readonly #offload: Offload
  readonly #limits: Limits

  constructor(policy: Pick<Policy, 'mayUnmask'>, offload: Offload, limits: Limits) {
    this.#policy = policy
    this.#offload = offload
    this.#limits = limits
  }

  /** @param person - The sender. @returns The post without HTML. */
  async apply(
    person: Person,
    { blocks, mask }: Pick<PostManifest, 'blocks' | 'mask'>,
    files: RelayFile[],
  ): Promise<MaskedPost> {
    const wish = mask === 'off'
    const isGranted = wish && this.#policy.mayUnmask(person)
    const limits = this.#limits
    const sent = { blocks, files, limits, masked: !isGranted }
    const { count, notices, digests: _, ...masked } = await this.#offload.content(sent)
    if (!wish || count === 0) return { ...masked, notices }
    const refusal = 'this relay grants --no-mask to others only, ask its admin'
    return { ...masked, notices: notices.map((notice) => `${notice}: ${refusal}`) }
  }
}
