// `post()` over HTTP: for programs outside of a notebook, with `{ url, token }` or the environment (docs/spec.md 4.1).
import { askPerson } from './ask.ts'
import { askFunction } from './ask-function.ts'
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
export type { ContentArguments, PostArguments, PostOptions } from './post.ts'
export { Progress } from './progress.ts'
export type { ProgressOptions, ProgressValue } from './progress.ts'

/** One a relay, so that posts of one program keep their order. */
const posters = new Map<string, RelayPoster>()

function posterOf({ url, token }: Pick<PostOptions, 'url' | 'token'>): RelayPoster {
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
export async function post(...args: PostArguments): Promise<PostHandle> {
  return sendPost(args, (address) => httpTransport(posterOf(address)))
}

/**
 * A message that tells how far something is: bar, rate, remaining time, last values. Edited at most every 5 s.
 *
 *     const p = await post.progress('@me', 'training', { total: 100 })
 *     for (const loss of train()) p.tick({ loss })
 *     await p.done()
 *
 * @throws {PostError} if it is refused.
 */
post.progress = async function progress(
  channel: string,
  title: string,
  options: ProgressOptions = {},
): Promise<Progress> {
  const poster = posterOf(options)
  const way = { transport: httpTransport(poster), sinkOf: httpSink(poster) }
  return startProgress(channel, title, options, way)
}

/** `post.ask()` over HTTP. @throws {PostError} */
export async function ask(args: AskArguments): Promise<string> {
  return askPerson(args, (address) => httpQuestions(posterOf(address)))
}

post.ask = askFunction(ask)
