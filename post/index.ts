// `post()` over HTTP: for programs outside of a notebook, with `{ url, token }` or the environment of post-spec.
import { sendPost } from './post.ts'
import type { PostArguments, PostHandle, PostOptions, TransportOf } from './post.ts'
import { RelayPoster } from './poster.ts'

export type { Attachment } from './attachment.ts'
export { PostError } from './error.ts'
export { PostHandle } from './post.ts'
export type { PostArguments, PostOptions } from './post.ts'

/** One a relay, so that posts of one program keep their order. */
const posters = new Map<string, RelayPoster>()

const transportOf: TransportOf = ({ url, token }) => {
  const key = JSON.stringify([url, token])
  const known = posters.get(key)
  if (known !== undefined) return known
  const poster = new RelayPoster({ url, token })
  posters.set(key, poster)
  return poster
}

/**
 * Posts to a chat channel or a person; resolves when the relay has stored it.
 *
 * @throws {PostError} if it is refused.
 */
export async function post(...args: PostArguments): Promise<PostHandle>
export async function post(options: PostOptions): Promise<PostHandle>
export async function post(...args: PostArguments): Promise<PostHandle> {
  return sendPost(args, transportOf)
}
