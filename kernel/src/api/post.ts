// `post()` of notebook code: what a program outside has, sent by the kernel process, which knows the cell and outlives a crash.
// Loaded when first used: a notebook that posts nothing does not pay for it.
import { randomUUID } from 'node:crypto'
import type { PostRequest } from '../../../post/call.ts'
import type { PostArguments, PostHandle } from '../../../post/post.ts'
import { call, isConnected } from './bridge.ts'

export type { Attachment, PostArguments, PostOptions } from '../../../post/index.ts'

/**
 * Posts to a chat channel or a person; resolves when the relay has stored it.
 *
 *     await post('Check out my plot', 'my-channel', figure)
 *     const p = await post({ message, channel: '@me', attachment: [png, svgText] })
 *
 * Nobody needs to await it: the cell ends after it.
 *
 * @throws {PostError} if it is refused.
 */
export async function post(...args: PostArguments): Promise<PostHandle> {
  if (!isConnected()) return (await import('../../../post/index.ts')).post(...args)
  const key = randomUUID()
  // Asked before anything is awaited: from here on the cell waits for the post, whether its code does or not.
  const held = ask({ action: 'hold', key })
  try {
    const [{ sendPost }, { kernelTransport }] = await Promise.all([
      import('../../../post/post.ts'),
      import('../../../post/call.ts'),
    ])
    return await sendPost(args, (address) => kernelTransport(ask, address))
  } finally {
    await ask({ action: 'release', key })
    await held
  }
}

async function ask(request: PostRequest): Promise<unknown> {
  return call('post', request)
}
