// `post()`, `post.progress()` and `post.ask()` over HTTP, for programs outside a notebook. The
// relay comes from `{ url, token }` or the environment (docs/spec.md 4.1).
import { askPerson } from './ask.ts'
import type { AskArguments } from './ask-function.ts'
import { httpQuestions, httpSink, httpTransport } from './http-transport.ts'
import { sendPost } from './post.ts'
import type { PostArguments, PostHandle, PostOptions } from './post.ts'
import { RelayPoster } from '../relay/poster.ts'
import { startProgress } from './progress.ts'
import type { Progress, ProgressOptions } from './progress.ts'

export type { AskFunction, AskOptions } from './ask-function.ts'
export type { Attachment } from './attachment.ts'
export { PostError } from '../contract/error.ts'
export { PostHandle } from './post.ts'
export type { ContentArguments } from './content.ts'
export type { PostArguments, PostOptions } from './post.ts'
export { Progress } from './progress.ts'
export type { ProgressOptions, ProgressValue } from './progress.ts'

type Address = Pick<PostOptions, 'url' | 'token'>

/** @param relayProgram - The package's command, which starts a local relay if none runs. */
export function httpPosting(relayProgram: string) {
  // One poster for each relay, so that the posts of one program keep their order.
  const posters = new Map<string, RelayPoster>()
  const posterOf = ({ url, token }: Address): RelayPoster => {
    const key = JSON.stringify([url, token])
    const poster = posters.get(key) ?? new RelayPoster({ url, token, relayProgram })
    posters.set(key, poster)
    return poster
  }

  /** @throws {PostError} if it is refused. */
  async function post(...args: PostArguments): Promise<PostHandle> {
    return sendPost(args, (address) => httpTransport(posterOf(address)))
  }

  /** @throws {PostError} if it is refused. */
  async function progress(
    channel: string | readonly string[],
    title: string,
    options: ProgressOptions = {},
  ): Promise<Progress> {
    const poster = posterOf(options)
    const way = { transport: httpTransport(poster), sinkOf: httpSink(poster) }
    return startProgress(channel, title, options, way)
  }

  /** @throws {PostError} */
  async function ask(args: AskArguments): Promise<string> {
    return askPerson(args, (address) => httpQuestions(posterOf(address)))
  }

  return { post, progress, ask }
}
