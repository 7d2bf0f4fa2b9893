// What the magics that post need from outside: the way to the relay, files and the notebook's name.
// Only interfaces; `magics.ts` builds them.
import type { LinkAnswer, LinkRequest } from '../../../post/contract/identity.ts'
import type { Receipt } from '../../../post/relay/receipt.ts'
import type { Limits, Post, PostContent, StoredPost } from '../../../post/contract/schema.ts'
import type { OpenPosts } from './open-posts.ts'
import type { CellWatches } from './cell-watches.ts'

export interface Poster {
  /**
   * Stores the post at the relay, or in the spool if the relay is away.
   *
   * @throws {PostError} if the relay refuses it.
   */
  post(post: Post, signal?: AbortSignal): Promise<Receipt>
  /** Gives a stored post new content. @throws {PostError} */
  change(id: string, content: PostContent, signal?: AbortSignal): Promise<StoredPost>
  /** The post with its secrets masked, and what its receipt tells about them. */
  masked(post: Post): Promise<{ post: Post; notices: string[] }>
  /** The most that the relay takes in one post. */
  limits(signal?: AbortSignal): Promise<Limits>
  /** Links a chat account to the person. @throws {PostError} */
  link(request: LinkRequest, signal?: AbortSignal): Promise<LinkAnswer>
  /** Names that complete what was typed; empty if the relay does not answer. */
  targets(query: string, signal?: AbortSignal): Promise<string[]>
}

export interface PostServices {
  poster: Poster
  /** File name of the notebook, without its folders; undefined if not known. */
  notebook: string | undefined
  /** The folder that relative names of `--attach` start from. */
  folder: string
  /** Keys of threads used so far, for completion. */
  threads: Set<string>
  /** Posts to end when the kernel ends. */
  open: OpenPosts
  /** Takes each receipt: a post that is not delivered yet may be refused later. */
  accepted(receipt: Receipt): void
  /** Called for whatever a chat shows of the running cell. */
  watches: Pick<CellWatches, 'tell'>
}

/** What `%%post` needs besides: with `%autopost` on, interrupted cells are posted too. */
export interface PostMagicServices extends PostServices {
  autopost: { readonly isOn: boolean }
}
