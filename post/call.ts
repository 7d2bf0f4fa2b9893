// What `post()` in a notebook asks of the kernel process, and its answers. Refusals travel as values, so that their code arrives.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { PostError } from './error.ts'
import type { PostOptions, PostTransport } from './post.ts'
import type { SinkOf } from './progress.ts'
import { ProgressState } from './progress-state.ts'
import { Receipt } from './receipt.ts'
import { PostChange, PostManifest, StoredPost } from './schema.ts'

const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)
const Files = z.array(z.object({ name: z.string(), mimetype: z.string(), bytes: Bytes }))
const address = { url: z.string().optional(), token: z.string().optional() }

export const PostRequest = z.discriminatedUnion('action', [
  /** Answered at `release` of the same key: keeps the cell from ending while a post is made. */
  z.object({ action: z.literal('hold'), key: z.string() }),
  z.object({ action: z.literal('release'), key: z.string() }),
  z.object({
    action: z.literal('submit'),
    ...address,
    post: PostManifest.extend({
      files: Files,
    }),
  }),
  z.object({ action: z.literal('status'), ...address, id: z.string() }),
  z.object({
    action: z.literal('change'),
    ...address,
    id: z.string(),
    content: PostChange.extend({ files: Files }),
  }),
  /** A state of `post.progress()`; answered at once, the last one when it is stored. */
  z.object({
    action: z.literal('progress'),
    ...address,
    key: z.string(),
    targets: z.array(z.string()),
    thread: z.string(),
    ids: z.array(z.string()),
    state: ProgressState,
  }),
  z.object({ action: z.literal('remove'), ...address, id: z.string() }),
])
export type PostRequest = z.infer<typeof PostRequest>

const PostAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({
    ok: z.literal(false),
    code: z.string(),
    message: z.string(),
    nearest: z.array(z.string()),
  }),
])
export type PostAnswer = z.infer<typeof PostAnswer>

export async function answerOf(work: Promise<unknown>): Promise<PostAnswer> {
  try {
    return { ok: true, value: await work }
  } catch (error) {
    if (!(error instanceof PostError)) throw error
    return { ok: false, code: error.code, message: error.message, nearest: [...error.nearest] }
  }
}

/** The way of `post()` through the kernel process. */
export function kernelTransport(
  call: (request: PostRequest) => Promise<unknown>,
  options: Pick<PostOptions, 'url' | 'token'>,
): PostTransport {
  const to = addressOf(options)
  const ask = (request: PostRequest) => valueOf(call(request))
  return {
    submit: async (post) => Receipt.parse(await ask({ action: 'submit', ...to, post })),
    status: async (id) => StoredPost.parse(await ask({ action: 'status', ...to, id })),
    change: async (id, content) =>
      StoredPost.parse(await ask({ action: 'change', ...to, id, content })),
    remove: async (id) => {
      await ask({ action: 'remove', ...to, id })
    },
  }
}

/** Between two states told to the kernel process, in ms: what it shows is newer than any chat shows. */
const TELL_MS = 100

/** States of `post.progress()` through the kernel process. */
export function kernelSink(
  call: (request: PostRequest) => Promise<unknown>,
  options: Pick<PostOptions, 'url' | 'token'>,
): SinkOf {
  return (to, receipt) => {
    const key = randomUUID()
    const ids = receipt.kind === 'accepted' ? receipt.posts.map(({ id }) => id) : []
    let told = -Infinity
    let next: ProgressState | undefined
    let timer: NodeJS.Timeout | undefined
    const tell = (state: ProgressState) => {
      told = performance.now()
      next = undefined
      return valueOf(call({ action: 'progress', ...addressOf(options), key, ...to, ids, state }))
    }
    const tellNext = () => {
      timer = undefined
      // A rejection is of a runtime that ends.
      if (next) tell(next).catch(() => undefined)
    }
    return {
      report(state) {
        next = state
        // At once if it is time: a loop that never awaits has no other.
        if (performance.now() - told >= TELL_MS) tellNext()
        else timer ??= setTimeout(tellNext, TELL_MS)
      },
      async finish(state) {
        clearTimeout(timer)
        timer = undefined
        await tell(state)
      },
    }
  }
}

function addressOf({ url, token }: Pick<PostOptions, 'url' | 'token'>) {
  return { ...(url === undefined ? {} : { url }), ...(token === undefined ? {} : { token }) }
}

async function valueOf(answered: Promise<unknown>): Promise<unknown> {
  const answer = PostAnswer.parse(await answered)
  if (answer.ok) return answer.value
  throw new PostError(answer.code, answer.message, { nearest: answer.nearest })
}
