// What the post magics need from outside: the way to the relay, files and the notebook's name. Interfaces only; `magics.ts` builds them.
import type { LinkAnswer, LinkRequest } from '../../../post/contract/identity.ts'
import type { Receipt } from '../../../post/relay/receipt.ts'
import type { Limits, Post, PostContent, StoredPost } from '../../../post/contract/schema.ts'
import type { OpenPosts } from './open-posts.ts'
import type { CellWatches } from './cell-watches.ts'

export interface Poster {
  /**
   * Stores the post at the relay, or in the spool if the relay is away.
   *
   * @throws {PostError} if it is refused.
   */
  post(post: Post, signal?: AbortSignal): Promise<Receipt>
  /** Gives a stored post new content. @throws {PostError} */
  change(id: string, content: PostContent, signal?: AbortSignal): Promise<StoredPost>
  /** As it would be posted: without its secrets; and what is to be said of them. */
  masked(post: Post): Promise<{ post: Post; notices: string[] }>
  /** What the relay takes in one post. */
  limits(signal?: AbortSignal): Promise<Limits>
  /** Links a chat account to the person. @throws {PostError} */
  link(request: LinkRequest, signal?: AbortSignal): Promise<LinkAnswer>
  /** Names that complete what was typed; empty if the relay does not answer. */
  targets(query: string, signal?: AbortSignal): Promise<string[]>
}

export interface PostServices {
  poster: Poster
  /** File name of the notebook, last part only; undefined when unknown. */
  notebook: string | undefined
  /** Folder that relative names of `--attach` start from. */
  folder: string
  /** Keys of threads used so far, for completion. */
  threads: Set<string>
  /** What has to be ended when the kernel ends. */
  open: OpenPosts
  /** `%autopost` of the notebook. */
  autopost: { readonly isOn: boolean }
  /** Told of each receipt: what is not delivered yet may be refused later. */
  accepted(receipt: Receipt): void
  /** Told of what a chat shows of the cell that runs. */
  watches: Pick<CellWatches, 'tell'>
}
